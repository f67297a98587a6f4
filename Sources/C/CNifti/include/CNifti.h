// Headers and voxels of NIfTI files in memory, by niftiio.
#include <nifti/nifti1_io.h>
