"""« Droits des habitants »: the pages on which requests about somebody's data are recorded and answered."""
