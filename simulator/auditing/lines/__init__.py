"""What is judged of an analysis, and how."""
