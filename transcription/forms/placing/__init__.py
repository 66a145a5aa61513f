"""Where a form's page lies in a picture: its codes, marks and outlines found, its ink laid flat."""
