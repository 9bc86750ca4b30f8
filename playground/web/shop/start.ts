import { start } from "../common/start";

start(() => import("./main"));
