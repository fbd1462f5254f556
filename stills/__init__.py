"""Still pictures: reading and writing files, translating them, contact sheets."""
