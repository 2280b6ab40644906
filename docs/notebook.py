# %% [markdown]
# # A segmentation, checked and repaired
#
# `segmentations.nii.gz` is what TotalSegmentator wrote (`TotalSegmentator -i ct.nii.gz -o
# segmentations.nii.gz --ml`). Five statements load it, find what is wrong with it, repair what can
# safely be repaired, and give the voxels and a table.

# %%
import nibabel as nib

import vesalius

# %% [markdown]
# A path, an image of nibabel, or `(array, affine)` can be given.

# %%
image = nib.load("segmentations.nii.gz")

# %% [markdown]
# `scheme` says what the integers mean; `vesalius ls schemes` lists those that are known. With
# `image=ct` and `case={"sex": "female"}` more rules can be judged. `found.findings` says what is
# wrong and where; nothing is changed.

# %%
found = vesalius.lint(image, scheme="totalsegmentator_v2")

# %% [markdown]
# A repair is a new result: `repaired.changes` says what became what, `repaired.findings` what
# remains, `repaired.report` everything. `repaired.save("repaired.nii.gz")` writes it,
# `repaired.to_nibabel()` is an image.

# %%
repaired = vesalius.repair(image, scheme="totalsegmentator_v2")

# %% [markdown]
# The voxels lie as they do in the file.

# %%
labels = repaired.array

# %% [markdown]
# One row a finding, plain dicts: `pandas.DataFrame(rows)` is a table of them.

# %%
rows = found.table()
