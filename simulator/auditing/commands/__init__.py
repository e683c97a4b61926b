"""An analysis that is a command: its folders, its processes, what it wrote, what is kept of it."""
