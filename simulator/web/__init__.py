"""The planner page: the commands' functions behind inputs and pictures, in a browser."""
