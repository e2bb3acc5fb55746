"""To-dos, calendar, approvals, check-ins and attendance."""
