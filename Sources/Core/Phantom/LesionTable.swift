// Made by tools/phantom/lesion_statistics.py; not edited by hand.

/// Statistics of the lesions in 27 expert masks of MS patients (Lesjak et al., Neuroinformatics 2018,
/// doi:10.1007/s12021-017-9348-7, CC BY), in voxels of their grid. The masks themselves are not kept.
enum LesionTable {
  /// One patient: how many lesions, how many voxels they have together, and the sizes in voxels at the percentiles of `sizeSteps`.
  struct Patient: Sendable {
    let lesions: Int
    let voxels: Int
    let sizes: [Float]
  }

  static let sizeSteps: [Float] = [0, 10, 25, 50, 75, 90, 97, 100]

  /// The patients by lesion volume, smallest first.
  static let patients: [Patient] = [
    Patient(lesions: 19, voxels: 316, sizes: [1.0, 2.0, 3.5, 9.0, 15.5, 44.8, 67.2, 71.0]),
    Patient(lesions: 17, voxels: 630, sizes: [3.0, 4.0, 9.0, 17.0, 61.0, 88.8, 115.6, 131.0]),
    Patient(lesions: 20, voxels: 875, sizes: [1.0, 2.9, 4.8, 15.0, 35.2, 131.4, 226.8, 253.0]),
    Patient(lesions: 21, voxels: 1052, sizes: [1.0, 2.0, 4.0, 6.0, 40.0, 232.0, 258.8, 260.0]),
    Patient(lesions: 41, voxels: 1125, sizes: [1.0, 3.0, 5.0, 11.0, 30.0, 70.0, 130.0, 189.0]),
    Patient(lesions: 27, voxels: 1381, sizes: [1.0, 1.0, 4.5, 20.0, 70.0, 180.6, 196.8, 203.0]),
    Patient(lesions: 25, voxels: 1605, sizes: [1.0, 3.2, 9.0, 16.0, 42.0, 197.4, 403.1, 424.0]),
    Patient(lesions: 61, voxels: 2393, sizes: [1.0, 4.0, 8.0, 15.0, 38.0, 94.0, 183.0, 455.0]),
    Patient(lesions: 50, voxels: 6090, sizes: [1.0, 1.9, 8.5, 29.0, 109.2, 315.7, 795.4, 1480.0]),
    Patient(lesions: 246, voxels: 9171, sizes: [1.0, 2.0, 4.0, 13.0, 32.0, 80.0, 250.5, 629.0]),
    Patient(lesions: 124, voxels: 10042, sizes: [1.0, 6.0, 13.0, 36.0, 78.0, 199.4, 494.6, 859.0]),
    Patient(lesions: 59, voxels: 13125, sizes: [1.0, 3.6, 11.0, 30.0, 94.5, 239.0, 1498.2, 4917.0]),
    Patient(lesions: 109, voxels: 13606, sizes: [1.0, 2.0, 6.0, 28.0, 67.0, 187.8, 1094.4, 2525.0]),
    Patient(lesions: 29, voxels: 14263, sizes: [1.0, 3.8, 10.0, 21.0, 66.0, 654.2, 4493.4, 7509.0]),
    Patient(lesions: 114, voxels: 15491, sizes: [1.0, 3.0, 6.0, 16.5, 42.0, 173.2, 578.6, 7133.0]),
    Patient(lesions: 76, voxels: 16701, sizes: [1.0, 2.5, 4.0, 12.0, 31.2, 102.5, 1864.8, 7532.0]),
    Patient(lesions: 95, voxels: 16718, sizes: [1.0, 5.0, 13.0, 21.0, 50.5, 120.0, 560.3, 6338.0]),
    Patient(lesions: 92, voxels: 19093, sizes: [1.0, 2.0, 4.0, 17.5, 63.8, 367.7, 1538.4, 4520.0]),
    Patient(lesions: 370, voxels: 20384, sizes: [1.0, 4.0, 7.0, 14.0, 34.8, 69.2, 199.7, 4116.0]),
    Patient(lesions: 195, voxels: 23018, sizes: [1.0, 3.0, 8.0, 20.0, 57.0, 230.4, 847.7, 3971.0]),
    Patient(lesions: 39, voxels: 29903, sizes: [1.0, 1.0, 2.5, 12.0, 39.0, 181.6, 5223.2, 22433.0]),
    Patient(lesions: 82, voxels: 29922, sizes: [1.0, 2.0, 6.2, 13.0, 39.0, 178.7, 786.9, 22825.0]),
    Patient(lesions: 251, voxels: 30620, sizes: [1.0, 4.0, 10.0, 28.0, 57.0, 170.0, 609.5, 5360.0]),
    Patient(lesions: 191, voxels: 34976, sizes: [1.0, 2.0, 6.0, 17.0, 36.5, 70.0, 130.0, 29692.0]),
    Patient(lesions: 116, voxels: 40373, sizes: [1.0, 2.5, 12.0, 37.0, 107.0, 331.0, 1160.1, 15150.0]),
    Patient(lesions: 392, voxels: 48859, sizes: [1.0, 1.1, 3.0, 9.0, 26.0, 64.7, 120.1, 39401.0]),
    Patient(lesions: 100, voxels: 52190, sizes: [1.0, 5.0, 11.0, 31.0, 89.2, 162.6, 471.4, 24724.0]),
  ]

  /// Percentiles at which the shapes below are given.
  static let shapeSteps: [Float] = [5, 25, 50, 75, 95]
  /// Largest over middle standard deviation along the principal axes.
  static let lengthRatio: [Float] = [1.125, 1.337, 1.614, 2.063, 3.076]
  /// Middle over smallest standard deviation along the principal axes.
  static let flatness: [Float] = [1.107, 1.258, 1.449, 1.712, 2.341]
  /// Faces towards the background over those of a ball of equal volume.
  static let roughness: [Float] = [1.057, 1.159, 1.271, 1.450, 2.018]
}
