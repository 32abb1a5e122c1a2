"""Makes the sample data of this directory from one seed. No real person, address or telephone is in it."""
