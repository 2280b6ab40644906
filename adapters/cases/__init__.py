"""One case: reading what is given, running a plan, writing the result whole or not at all."""
