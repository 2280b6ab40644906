"""From the predictions of several sources to one map."""
