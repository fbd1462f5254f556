"""The booth: a full-screen page for visitors, pictures for their phones, and the operator's controls behind a PIN."""
