"""From structures, schemes and rules to a plan, in pure passes: link, lower, schedule."""
