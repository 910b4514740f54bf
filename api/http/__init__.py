"""HTTP: a module for each concern. The modules import Flask and know no entity."""
