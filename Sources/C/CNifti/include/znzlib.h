// libnifti-dev keeps this header in a folder that its own nifti1_io.h does not name.
#include <nifti/znzlib.h>
