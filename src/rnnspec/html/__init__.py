"""Reports as pages for a browser: each is one file, and nothing in it is from elsewhere."""
