"""How fast SAM is, in ratios to floors measured in the same run. Started by script/bench; no part of the product."""
