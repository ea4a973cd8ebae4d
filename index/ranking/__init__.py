"""From raw evidence to ranked passages, a selection and a probability."""
