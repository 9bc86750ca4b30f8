import { render } from "preact";
import { App } from "./app";
import "./style.css";

const page = document.getElementById("page")!;
page.replaceChildren(); // what stood there till now
render(<App />, page);
