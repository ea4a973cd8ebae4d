"""What stands between the network and the page: who may come in, how much, and what every answer carries."""
