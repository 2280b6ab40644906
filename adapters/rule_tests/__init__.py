"""The tests that rules carry: pictures drawn in patient space, run in every orientation."""
