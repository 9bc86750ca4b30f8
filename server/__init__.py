"""The process: the command line, the settings, the HTTP application, the lifetime of the database, who is who."""
