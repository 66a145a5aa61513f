"""What is done for those who run a town: errands of their pages, backups at night, a watch that tells them."""
