import Contract
import Testing

@testable import Imaging

/// A spoiled file, the row of the intake table that it stands for, and what must become of it.
struct HostileCase: Sendable, CustomTestStringConvertible {
  let row: Int
  let name: String
  let outcome: Verdict.Outcome
  var reason: ReasonCode?
  var note: String?
  var warning: String?
  var role = FileRole.scan
  let file: @Sendable () -> [UInt8]
  var testDescription: String { "\(row) \(name)" }

  init(
    _ row: Int, _ name: String, _ outcome: Verdict.Outcome, _ reason: ReasonCode? = nil, note: String? = nil,
    warning: String? = nil, role: FileRole = .scan, _ spoil: @escaping @Sendable (inout TestHeader) -> Void
  ) {
    self.init(
      row, name, outcome, reason, note: note, warning: warning, role: role,
      file: {
        var header = TestHeader()
        spoil(&header)
        return header.file()
      })
  }

  init(
    _ row: Int, _ name: String, _ outcome: Verdict.Outcome, _ reason: ReasonCode? = nil, note: String? = nil,
    warning: String? = nil, role: FileRole = .scan, file: @escaping @Sendable () -> [UInt8]
  ) {
    (self.row, self.name, self.outcome, self.reason) = (row, name, outcome, reason)
    (self.note, self.warning, self.role, self.file) = (note, warning, role, file)
  }
}

@Suite struct HostileHeaderTests {
  @Test(arguments: containers + headers + voxels + labels)
  func theTableHolds(row: HostileCase) {
    let (verdict, canonical) = Admission(role: row.role, limits: IntakeLimits()).judge(row.file())
    #expect(verdict.outcome == row.outcome, "\(verdict)")
    #expect(verdict.reason == row.reason, "\(verdict.numbers)")
    #expect((canonical != nil) == (row.outcome == .accept))
    if let note = row.note {
      #expect(verdict.normalisations.contains { $0.hasPrefix(note) }, "\(verdict.normalisations)")
    }
    if let warning = row.warning { #expect(verdict.warnings.contains { $0.hasPrefix(warning) }, "\(verdict.warnings)") }
  }

  static func gz(_ bytes: [UInt8]) -> [UInt8] { Gzip.pack(bytes) }
  static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
  static let sound = TestHeader().file()

  static let containers: [HostileCase] = [
    HostileCase(50, "no byte", .wait, .emptyFile, file: { [] }),
    HostileCase(51, "gzip cut", .wait, .gzipTruncated, file: { Array(gz(sound).dropLast(100)) }),
    HostileCase(51, "gzip cut in its trailer", .wait, .gzipTruncated, file: { Array(gz(sound).dropLast(3)) }),
    HostileCase(
      52, "gzip CRC", .reject, .gzipCRC,
      file: {
        var packed = gz(sound)
        packed[packed.count - 6] ^= 1
        return packed
      }),
    HostileCase(53, "plain", .accept) { _ in },
    HostileCase(54, "packed", .accept, file: { gz(sound) }),
    HostileCase(55, "packed twice", .accept, note: "GZIP_TWICE", file: { gz(gz(sound)) }),
    HostileCase(55, "packed thrice", .reject, .archive, file: { gz(gz(gz(sound))) }),
    HostileCase(56, "two members", .accept, file: { gz(Array(sound[..<700])) + gz(Array(sound[700...])) }),
    HostileCase(
      56, "members that cut the header", .accept, file: { gz(Array(sound[..<30])) + gz(Array(sound[30...])) }),
    HostileCase(57, "zeros after gzip", .accept, file: { gz(sound) + [0, 0, 0] }),
    HostileCase(57, "bytes after gzip", .accept, warning: "TRAILING_BYTES", file: { gz(sound) + [1, 2, 3] }),
    HostileCase(58, "bytes after voxels", .accept, note: "TRAILING_DATA:5", file: { sound + [1, 2, 3, 4, 5] }),
    HostileCase(59, "long gzip name", .accept, file: { named(gz(sound), String(repeating: "x", count: 3000)) }),
    HostileCase(60, "bomb", .reject, .bomb, file: { gz(sound + [UInt8](repeating: 0, count: 3 << 20)) }),
    HostileCase(61, "zip", .reject, .archive, file: { text("PK\u{3}\u{4}") + [UInt8](repeating: 7, count: 600) }),
    HostileCase(61, "zstd", .reject, .archive, file: { [0x28, 0xb5, 0x2f, 0xfd] + [UInt8](repeating: 7, count: 600) }),
    HostileCase(
      61, "tar.gz", .reject, .archive, file: { gz([UInt8](repeating: 65, count: 257) + text("ustar") + sound) }),
    HostileCase(62, "NRRD", .reject, .formatUnsupported, file: { text("NRRD0004\ntype: short\n") }),
    HostileCase(
      62, "MGH", .reject, .formatUnsupported,
      file: { gz([0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 3] + sound) }),
    HostileCase(63, "DICOM", .reject, .dicom, file: { [UInt8](repeating: 0, count: 128) + text("DICM") + sound }),
    HostileCase(64, "Analyze", .hold, .analyzeNoOrientation) {
      $0.bytes.replaceSubrange(344..<348, with: [0, 0, 0, 0])
    },
    HostileCase(65, "half a pair", .wait, .pairHalf) { $0.bytes.put(text: "ni1", at: 344, count: 4) },
    HostileCase(67, "big-endian", .accept, note: "BYTES_SWAPPED", file: { bigEndian() }),
    HostileCase(68, "sizeof_hdr", .accept, note: "SIZEOF_HDR") { $0.put(Int32(0), at: 0) },
    HostileCase(68, "sizeof_hdr and magic", .reject, .badMagic) {
      $0.put(Int32(77), at: 0)
      $0.put(Int32(77), at: 344)
    },
    HostileCase(69, "web page", .reject, .notNifti, file: { text("<!DOCTYPE html><html>Please log in</html>") }),
    HostileCase(
      69, "JPEG", .reject, .notNifti, file: { [0xff, 0xd8, 0xff, 0xe0] + [UInt8](repeating: 9, count: 900) }),
    HostileCase(69, "long text", .reject, .notNifti, file: { text(String(repeating: "subject;age\n", count: 200)) }),
    HostileCase(28, "git-annex pointer", .reject, .pointerFile, file: { text("/annex/objects/MD5E-s1--0.nii.gz\n") }),
    HostileCase(70, "statistic", .reject, .wrongIntent) { $0.put(Int16(3), at: 68) },
    HostileCase(70, "CIFTI", .reject, .wrongIntent) { $0.put(Int16(3006), at: 68) },
    HostileCase(4, "zeros: reserved, not written", .wait, .incomplete, file: { [UInt8](repeating: 0, count: 5000) }),
    HostileCase(1, "raw file cut", .wait, .incomplete, file: { Array(sound.dropLast(1)) }),
    HostileCase(1, "raw header cut", .wait, .incomplete, file: { Array(sound[..<200]) }),
  ]

  static func named(_ packed: [UInt8], _ name: String) -> [UInt8] {
    var bytes = packed
    bytes[3] |= 8
    bytes.insert(contentsOf: text(name) + [0], at: 10)
    return bytes
  }

  /// The sound scan with every number of its header and voxels turned.
  static func bigEndian() -> [UInt8] {
    var bytes = sound
    let words =
      [0..<4] + stride(from: 76, to: 120, by: 4).map { $0..<$0 + 4 }
      + stride(from: 256, to: 328, by: 4).map { $0..<$0 + 4 }
    let halves =
      (stride(from: 40, to: 56, by: 2).map { $0 } + [68, 70, 72, 252, 254]
      + Array(stride(from: 352, to: bytes.count, by: 2))).map { $0..<$0 + 2 }
    for range in words + halves { bytes.replaceSubrange(range, with: bytes[range].reversed()) }
    return bytes
  }

  static let headers: [HostileCase] = [
    HostileCase(71, "dim[0] of 0", .reject, .badDim) { $0.put(Int16(0), at: 40) },
    HostileCase(71, "dim[0] of 9", .reject, .badDim) { $0.put(Int16(9), at: 40) },
    HostileCase(71, "negative dim", .reject, .badDim) { $0.put(Int16(-12), at: 42) },
    HostileCase(72, "30000 cubed", .reject, .tooLarge) {
      for axis in 1...3 { $0.put(Int16(30000), at: 40 + 2 * axis) }
    },
    HostileCase(72, "product beyond 64 bits", .reject, .tooLarge) {
      $0.put(Int16(7), at: 40)
      for axis in 1...7 { $0.put(Int16(32767), at: 40 + 2 * axis) }
    },
    HostileCase(73, "one volume of 4D", .accept, note: "SQUEEZED_4D") { $0.put(Int16(4), at: 40) },
    HostileCase(73, "5D singletons", .accept, note: "SQUEEZED_4D") { $0.put(Int16(5), at: 40) },
    HostileCase(74, "many volumes", .reject, .is4D) {
      $0.put(Int16(4), at: 40)
      $0.put(Int16(30), at: 48)
    },
    HostileCase(75, "2D", .reject, .tooFewSlices) { $0.put(Int16(2), at: 40) },
    HostileCase(75, "seven slices", .reject, .tooFewSlices) { $0.put(Int16(7), at: 46) },
    HostileCase(76, "garbage beyond dim[0]", .accept) { $0.put(Int16(-500), at: 50) },
    HostileCase(77, "negative pixdim", .accept, note: "PIXDIM_NEGATIVE") { $0.put(float: -7, at: 80) },
    HostileCase(77, "zero pixdim, sform", .accept, note: "PIXDIM_FROM_SFORM") { $0.put(float: 0, at: 80) },
    HostileCase(77, "pixdim NaN, no sform", .hold, .badVoxelSize) {
      $0.put(float: .nan, at: 80)
      $0.put(Int16(0), at: 254)
    },
    HostileCase(78, "microns", .accept, note: "UNITS:um") {
      $0.bytes[123] = 3
      for place in stride(from: 80, to: 92, by: 4) { $0.put(float: 7000, at: place) }
      for index in [0, 5, 10] { $0.put(float: 7000, at: 280 + 4 * index) }
    },
    HostileCase(78, "metres that are millimetres", .hold, .badVoxelSize) { $0.bytes[123] = 1 },
    HostileCase(78, "no unit", .accept, warning: "UNITS_UNKNOWN") { $0.bytes[123] = 0 },
    HostileCase(79, "pixdim is not the sform's", .accept, note: "PIXDIM_SFORM_DIFFER") { $0.put(float: 1, at: 80) },
    HostileCase(80, "qform and sform differ", .accept, note: "SFORM_QFORM_DIFFER") { $0.put(Int16(1), at: 252) },
    HostileCase(81, "qform alone", .accept) {
      $0.put(Int16(1), at: 252)
      $0.put(Int16(0), at: 254)
    },
    HostileCase(82, "neither", .hold, .orientationUnknown) { $0.put(Int16(0), at: 254) },
    HostileCase(83, "sform of zeros, qform", .accept, note: "SFORM_SINGULAR") {
      $0.put(Int16(1), at: 252)
      for index in 0..<12 { $0.put(float: 0, at: 280 + 4 * index) }
    },
    HostileCase(83, "flat sform, no qform", .hold, .orientationUnknown) { $0.put(float: 0, at: 280) },
    HostileCase(84, "quaternion beyond 1", .hold, .orientationUnknown) {
      $0.put(Int16(1), at: 252)
      $0.put(Int16(0), at: 254)
      $0.put(float: 1.5, at: 256)
    },
    HostileCase(84, "quaternion a little beyond 1", .accept) {
      $0.put(Int16(1), at: 252)
      $0.put(Int16(0), at: 254)
      $0.put(float: 1.00002, at: 256)
    },
    HostileCase(85, "qfac of 0", .accept, note: "QFAC") {
      $0.put(Int16(1), at: 252)
      $0.put(float: 0, at: 76)
    },
    HostileCase(86, "sheared", .accept, warning: "SHEARED") { $0.put(float: 1, at: 284) },
    HostileCase(89, "far away", .accept, warning: "FAR_ORIGIN") { $0.put(float: 1e6, at: 292) },
    HostileCase(89, "origin NaN", .hold, .badOrigin) { $0.put(float: .nan, at: 292) },
    HostileCase(90, "anisotropic", .accept, warning: "ANISOTROPIC") {
      $0.put(Int16(201), at: 42)
      $0.put(float: -0.4, at: 280)
      $0.voxels = (0..<201 * 13 * 14 * 2).map { UInt8(truncatingIfNeeded: $0 % 89) }
    },
    HostileCase(92, "cropped", .hold, .fieldOfView) { $0.put(float: -3, at: 280) },
    HostileCase(92, "voxels of 20 mm", .hold, .badVoxelSize) { $0.put(float: -20, at: 280) },
    HostileCase(93, "vox_offset of 0", .accept, note: "VOX_OFFSET") { $0.put(float: 0, at: 108) },
    HostileCase(93, "fractional vox_offset", .accept, note: "VOX_OFFSET") { $0.put(float: 352.5, at: 108) },
    HostileCase(93, "vox_offset beyond the file", .reject, .badOffset) { $0.put(float: 1e6, at: 108) },
    HostileCase(93, "vox_offset NaN", .reject, .badOffset) { $0.put(float: .nan, at: 108) },
    HostileCase(93, "vox_offset negative", .reject, .badOffset) { $0.put(float: -352, at: 108) },
    HostileCase(94, "DICOM in an extension", .hold, .personalData) {
      $0.put(float: 368, at: 108)
      $0.bytes[348] = 1
      $0.bytes += [16, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    },
    HostileCase(94, "an extension's size lies", .accept) {
      $0.put(float: 368, at: 108)
      $0.bytes[348] = 1
      $0.bytes += [255, 255, 255, 255, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    },
    HostileCase(95, "a name in descrip", .hold, .personalData) { $0.bytes.put(text: "DOE^JANE", at: 148, count: 80) },
    HostileCase(95, "descrip without end", .accept) { for place in 148..<228 { $0.bytes[place] = 1 } },
  ]

  static let voxels: [HostileCase] = [
    HostileCase(96, "int64", .accept) {
      $0.setVoxels { Int64($0 % 50) }; $0.put(Int16(1024), at: 70); $0.put(Int16(64), at: 72)
    },
    HostileCase(96, "int64 out of range", .hold, .valueRange) {
      $0.setVoxels { $0 == 5 ? Int64.max : Int64($0 % 50) }
      $0.put(Int16(1024), at: 70)
      $0.put(Int16(64), at: 72)
    },
    HostileCase(98, "RGB24", .reject, .colourImage) { $0.setDatatype(128, bits: 24) },
    HostileCase(98, "RGBA32", .reject, .colourImage) { $0.setDatatype(2304, bits: 32) },
    HostileCase(99, "complex64", .reject, .datatype) { $0.setDatatype(32, bits: 64) },
    HostileCase(99, "float128", .reject, .datatype) { $0.setDatatype(1536, bits: 128) },
    HostileCase(99, "one bit", .reject, .datatype) { $0.setDatatype(1, bits: 1) },
    HostileCase(99, "none", .reject, .datatype) { $0.setDatatype(0, bits: 0) },
    HostileCase(100, "bitpix wrong, length right", .accept, note: "BITPIX") { $0.put(Int16(8), at: 72) },
    HostileCase(100, "bitpix and length wrong", .reject, .badBitpix) {
      $0.put(Int16(32), at: 72)
      $0.voxels += $0.voxels
    },
    HostileCase(101, "slope of 0", .accept) { $0.put(float: 0, at: 112) },
    HostileCase(102, "slope NaN", .accept, note: "SCALING_IGNORED") { $0.put(float: .nan, at: 112) },
    HostileCase(102, "intercept infinite", .accept, note: "SCALING_IGNORED") { $0.put(float: .infinity, at: 116) },
    HostileCase(103, "negative slope", .accept, warning: "NEGATIVE_VALUES") { $0.put(float: -1, at: 112) },
    HostileCase(103, "slope of 1e30", .hold, .valueRange) { $0.put(float: 1e30, at: 112) },
    HostileCase(104, "some NaN", .accept, note: "NAN_ZEROED:3") {
      $0.setVoxels(floats: { $0 < 3 ? .nan : Float($0 % 50) })
    },
    HostileCase(105, "many NaN", .reject, .nan) { $0.setVoxels(floats: { $0 % 10 == 0 ? .infinity : Float($0 % 50) }) },
    HostileCase(106, "zeros", .reject, .constant) { $0.setVoxels { _ in Int16(0) } },
    HostileCase(106, "constant", .reject, .constant) { $0.setVoxels { _ in Int16(-1024) } },
    HostileCase(107, "negative background", .accept, warning: "NEGATIVE_VALUES") {
      $0.setVoxels { Int16($0 % 3 == 0 ? -1024 : $0 % 91) }
    },
    HostileCase(108, "outliers", .accept) { $0.setVoxels(floats: { $0 == 9 ? 1e9 : Float($0 % 50) }) },
    HostileCase(127, "a mask where a scan belongs", .hold, .swapped) { $0.setVoxels { Int16($0 % 7 == 0 ? 1 : 0) } },
    HostileCase(46, "our own mask", .hold, .ownOutput) {
      $0.bytes.put(text: "popcornd gen-0007 PSN7Q2", at: 148, count: 80)
    },
  ]

  static let labels: [HostileCase] = [
    HostileCase(123, "{0, 255}", .accept, note: "BINARISED:255", role: .label) {
      $0.setVoxels { Int16($0 % 9 == 0 ? 255 : 0) }
    },
    HostileCase(124, "nearly 1", .accept, note: "ROUNDED", role: .label) {
      $0.setVoxels(floats: { $0 % 19 == 0 ? 0.9995 : $0 % 19 == 1 ? 1 : 0 })
    },
    HostileCase(124, "soft", .hold, .labelSoft, role: .label) {
      $0.setVoxels(floats: { $0 % 9 == 0 ? 0.5 : $0 % 9 == 1 ? 1 : 0 })
    },
    HostileCase(125, "classes", .hold, .labelMulticlass, role: .label) {
      $0.setVoxels { Int16($0 % 9 == 0 ? 1 + $0 % 4 : 0) }
    },
    HostileCase(126, "an image", .hold, .labelLooksLikeImage, role: .label) { $0.setVoxels { Int16($0 % 1000) } },
    HostileCase(128, "empty", .hold, .labelEmpty, role: .label) { $0.setVoxels { _ in Int16(0) } },
    HostileCase(129, "all one", .hold, .labelTooLarge, role: .label) { $0.setVoxels { _ in Int16(1) } },
    HostileCase(129, "inverted", .hold, .labelTooLarge, role: .label) { $0.setVoxels { Int16($0 % 9 == 0 ? 0 : 1) } },
    HostileCase(130, "int64", .accept, role: .label) {
      $0.setVoxels { Int64($0 % 9 == 0 ? 1 : 0) }
      $0.put(Int16(1024), at: 70)
      $0.put(Int16(64), at: 72)
    },
    HostileCase(131, "one-hot of two", .accept, note: "ONE_HOT", role: .label) {
      $0.put(Int16(4), at: 40)
      $0.put(Int16(2), at: 48)
      $0.setVoxels { Int16($0 % 9 == 0 ? 0 : 1) }
      let background = $0.voxels
      $0.setVoxels { Int16($0 % 9 == 0 ? 1 : 0) }
      $0.voxels = background + $0.voxels
    },
    HostileCase(131, "one-hot of five", .hold, .labelMulticlass, role: .label) {
      $0.put(Int16(4), at: 40)
      $0.put(Int16(5), at: 48)
    },
    HostileCase(0, "a brain of most of the grid", .accept, role: .brain) {
      $0.setVoxels { Int16($0 % 9 == 0 ? 0 : 1) }
    },
  ]

  @Test func limitsDecideWhatIsUnknown() {
    var header = TestHeader()
    header.put(Int16(0), at: 254)
    var limits = IntakeLimits()
    limits.unknownOrientation = .assumeRAS
    let taken = Admission(role: .scan, limits: limits).judge(header.file()).verdict
    #expect(taken.outcome == .accept && taken.axisCodes == "RAS")
    limits.unknownOrientation = .reject
    #expect(Admission(role: .scan, limits: limits).judge(header.file()).verdict.outcome == .reject)
    limits.maximumMemory = 1000
    let held = Admission(role: .scan, limits: limits).judge(TestHeader().file()).verdict
    #expect(held.outcome == .hold && held.reason == .memory)
  }

  /// Every mask over {0, 1, 2, 3} of a few voxels, against what the sentence of `lesion_values` says.
  @Test(arguments: [[], [1], [2], [1, 3], [1, 2, 3], [7]])
  func theNamedValuesAreLesionAndNoOthers(lesion: [Int]) throws {
    var limits = IntakeLimits()
    limits.lesionValues = lesion
    for present in (1..<8).map({ bits in [1, 2, 3].filter { bits >> ($0 - 1) & 1 == 1 } }) {
      // Voxel 100 n holds the n-th value.
      let voxel = { (index: Int) in
        index % 100 == 0 && index / 100 < present.count ? present[index / 100] : 0
      }
      var header = TestHeader()
      header.setVoxels { Int16(voxel($0)) }
      let expected: [Int]? =
        lesion.isEmpty ? (present.count == 1 ? present : nil) : present.filter { lesion.contains($0) }
      let (verdict, copy) = Admission(role: .label, limits: limits).judge(header.file())
      guard let expected, !expected.isEmpty else {
        #expect(verdict.outcome == .hold && verdict.reason == .labelMulticlass, "\(present) with \(lesion)")
        continue
      }
      #expect(verdict.outcome == .accept, "\(present) with \(lesion)")
      let mask = try NiftiFile.decode(try #require(copy)).volume.values
      #expect(mask == (0..<TestHeader.count).map { expected.contains(voxel($0)) ? 1 : 0 }, "\(present) with \(lesion)")
      let isNoted = verdict.normalisations.contains { $0.hasPrefix("LESION_VALUES:") }
      #expect(isNoted == (!lesion.isEmpty && present != [1]))
    }
  }

  @Test func namedValuesAreTakenFromInterpolatedMasksAndNotFromBrainMasks() throws {
    var limits = IntakeLimits()
    limits.lesionValues = [2, 4]
    var header = TestHeader()
    header.setVoxels(floats: { [0, 1, 1.9995, 2, 3, 4.001][$0 % 100 < 6 ? $0 % 100 : 0] })
    let (verdict, copy) = Admission(role: .label, limits: limits).judge(header.file())
    #expect(verdict.normalisations.contains("ROUNDED") && verdict.normalisations.contains("LESION_VALUES:2+4"))
    let mask = try NiftiFile.decode(try #require(copy)).volume.values
    #expect(mask == (0..<TestHeader.count).map { [2, 3, 5].contains($0 % 100) ? 1 : 0 })

    header.setVoxels(floats: { [0, 1, 2.4][$0 % 100 < 3 ? $0 % 100 : 0] })
    #expect(Admission(role: .label, limits: limits).judge(header.file()).verdict.reason == .labelSoft)
    // A label of a brain is 1, whatever lesions are.
    header.setVoxels(floats: { $0 % 2 == 0 ? 1 : 0 })
    let brain = Admission(role: .brain, limits: limits).judge(header.file()).verdict
    #expect(brain.outcome == .accept, "\(brain)")
  }

  @Test func aPairIsReadFromItsTwoHalves() {
    var header = TestHeader()
    header.bytes.put(text: "ni1", at: 344, count: 4)
    header.put(float: 0, at: 108)
    let admission = Admission(role: .scan, limits: IntakeLimits())
    let pair = admission.judge(Array(header.bytes[..<348]), voxels: header.voxels)
    let single = admission.judge(TestHeader().file())
    #expect(pair.verdict.outcome == .accept)
    #expect(pair.canonical == single.canonical)
    let packed = admission.judge(Gzip.pack(Array(header.bytes[..<348])), voxels: Gzip.pack(header.voxels))
    #expect(packed.canonical == single.canonical)
    #expect(admission.judge(header.bytes, voxels: Array(header.voxels.dropLast(2))).verdict.reason == .incomplete)
  }

  @Test func wrappingDoesNotChangeWhatAScanIs() {
    let admission = Admission(role: .scan, limits: IntakeLimits())
    var floats = TestHeader()
    floats.setVoxels(floats: { Float($0 % 97) })
    let plain = admission.judge(Self.sound).verdict
    for other in [Self.gz(Self.sound), Self.bigEndian(), floats.file(), Self.sound + [9]] {
      let verdict = admission.judge(other).verdict
      #expect(verdict.voxelDigest == plain.voxelDigest)
      #expect(verdict.canonicalDigest == plain.canonicalDigest)
      #expect(verdict.inputDigest != plain.inputDigest)
    }
  }
}
