"""The processes of one machine: the supervisor, its children, the web server, the private Redis."""
