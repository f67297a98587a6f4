import Contract
import Testing

@testable import Imaging
@testable import popcorn

/// Masks whose files lie in one place are compared, however their axes are stored; what lies elsewhere is not.
@Suite struct JudgedMaskTests {
  private let files: EvaluationFiles

  init() throws { files = try EvaluationFiles() }

  /// A mask of a few voxels under `affine`, its axes stored as that says.
  private func write(
    _ file: String, size: [Int], affine: [Double], isOriented: Bool = true, _ isMarked: ([Double]) -> Bool
  ) throws {
    let geometry = GridGeometry(size: size, affine: affine)
    var mask = Volume<UInt8>(size: GridSize(size), repeating: 0)
    for z in 0..<size[2] {
      for y in 0..<size[1] {
        for x in 0..<size[0] where isMarked(geometry.world(Double(x), Double(y), Double(z))) {
          mask.values[x + size[0] * (y + size[1] * z)] = 1
        }
      }
    }
    var header = Image(volume: mask.floats, geometry: geometry).header
    if !isOriented { (header.qformCode, header.sformCode) = (0, 0) }
    try files.write(bytes: NiftiFile.encode(mask: mask, like: header), file)
  }

  /// The same voxels in the same place, whichever way the axes are stored.
  @Test func axesMayBeStoredInAnotherOrder() throws {
    let isLesion = { (place: [Double]) in place[0] < 5 && place[1] < 3 && place[2] < 7 }
    try write("truth.nii.gz", size: [6, 5, 4], affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0], isLesion)
    try write("turned.nii.gz", size: [4, 6, 5], affine: [0, -2, 0, 10, 0, 0, 2, 0, 3, 0, 0, 0]) {
      isLesion($0) && $0[2] < 4
    }
    let report = try files.report(["truth.nii.gz"], "turned.nii.gz")
    let comparison = try #require(report.cases.first?.judgements.first?.comparison)
    #expect(comparison.precision == 1 && comparison.dice == 0.8)
    #expect(comparison.lesions.truth[0].centre == [2, 1, 3])
    // Mirrored in the body it is another place.
    try write("mirrored.nii.gz", size: [6, 5, 4], affine: [-2, 0, 0, 9, 0, 2, 0, 0, 0, 0, 3, 0], isLesion)
    #expect(files.complaint("truth.nii.gz", "mirrored.nii.gz")?.description.contains("lies 1.00 mm away") == true)
  }

  /// Two raters who each lie where the mask does may lie farther from each other than a mask may from its truth.
  @Test func ratersAreComparedOnTheMasksGrid() throws {
    for (file, shift) in [("anna.nii.gz", -0.4), ("bert.nii.gz", 0.4), ("mask.nii.gz", 0)] {
      try files.write([1, 2], file, shift: shift)
    }
    let report = try files.report(["anna.nii.gz", "bert.nii.gz"], "mask.nii.gz")
    #expect(report.cases[0].raterDice.map(\.2) == [1])
  }

  /// Of what does not say how it lies voxel is compared with voxel, as training takes it.
  @Test func whatSaysNotHowItLies() throws {
    let left = [-2.0, 0, 0, 90, 0, 2, 0, 0, 0, 0, 3, 0]
    try write("truth.nii.gz", size: [6, 5, 4], affine: left) { $0[0] > 85 }
    try write("unsaid.nii.gz", size: [6, 5, 4], affine: left, isOriented: false) { $0[0] > 85 }
    try write("other.nii.gz", size: [6, 5, 5], affine: left, isOriented: false) { $0[0] > 85 }
    #expect(try files.report(["truth.nii.gz"], "unsaid.nii.gz").cases[0].judgements[0].comparison.dice == 1)
    let fault = files.complaint("truth.nii.gz", "other.nii.gz")
    #expect(fault?.description.contains("6 x 5 x 5 voxels") == true)
    #expect(fault?.description.contains("Of \(files.folder.file("other.nii.gz")) nobody can tell how it lies") == true)
  }

  /// Metres and micrometres in a header that should say millimetres.
  @Test(arguments: [1e-3, 1e3]) func anotherUnitIsRefused(edge: Double) throws {
    try write("truth.nii.gz", size: [6, 5, 4], affine: [edge, 0, 0, 0, 0, edge, 0, 0, 0, 0, edge, 0]) { $0[0] > 0 }
    try files.write([1], "mask.nii.gz")
    #expect(files.complaint("truth.nii.gz", "mask.nii.gz")?.description.contains("is not in millimetres") == true)
  }
}
