"""The commands of the command line. What one needs is imported when it is called."""
