"""What is left on disk: run folders, provenance, figures. The only room that draws."""
