"""Pages for people: the workbench, the proxy its micro-apps are shown through, signing in."""
