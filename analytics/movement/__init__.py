"""A recipe at two month ends: who moved, why and with how much value; who stays; where it leads."""
