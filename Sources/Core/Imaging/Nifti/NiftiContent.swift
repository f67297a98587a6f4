import Contract

/// A header that passed its rules, and how the voxels behind it are read.
struct NiftiContent {
  let header: NiftiHeader
  private let grid: GridReading
  private let type: VoxelType
  private let role: FileRole
  private let limits: IntakeLimits

  /// Judges the beginning of a file (unpacked): 1024 bytes, or all where it has fewer.
  init(_ beginning: [UInt8], role: FileRole, limits: IntakeLimits) throws(Rejection) {
    if let other = ForeignFormat(beginning) { throw other.rejection }
    do {
      header = try NiftiHeader(beginning)
    } catch {
      throw error.outcome == .reject ? ForeignFormat.guess(beginning) ?? error : error
    }
    if let statistic = NiftiContent.refusedIntent(header.intent) {
      throw Rejection(.reject, .wrongIntent, ["intent_code": "\(header.intent)", "meaning": statistic])
    }
    if VoxelType.colours.contains(header.datatype) {
      throw Rejection(.reject, .colourImage, ["datatype": VoxelType.name(header.datatype)])
    }
    guard let type = VoxelType(rawValue: header.datatype) else {
      throw Rejection(
        .reject, .datatype, ["datatype": "\(header.datatype) \(VoxelType.name(header.datatype))"])
    }
    self.type = type
    self.role = role
    self.limits = limits
    grid = try GridReading(header, limits: limits)
    guard grid.volumes == 1 || (role != .scan && grid.volumes == 2) else {
      throw role == .scan
        ? Rejection(.reject, .is4D, ["volumes": "\(grid.volumes)"])
        : Rejection(.hold, .labelMulticlass, ["volumes": "\(grid.volumes)"])
    }
  }

  private static func refusedIntent(_ code: Int) -> String? {
    switch code {
    case 0, 1001, 1002: nil
    case 2...24: "statistic"
    case 2001...2018: "surface or time series"
    case 3000...3099: "CIFTI"
    default: "not an image of one value a voxel"
    }
  }

  private var voxelBytes: Int { grid.size.count * grid.volumes * type.bytes }

  /// Where the voxels begin in the file that has them, as far as the header alone can say, and whether it was put right.
  private var offset: (place: Int, note: String?) {
    let stated = header.voxelOffset
    guard stated.isFinite, stated >= 0, stated < 1e15 else { return (Int.max, nil) }
    let whole = Int(stated.rounded(.down))
    let note = Double(whole) == stated ? nil : "VOX_OFFSET:\(stated.fixed(2))"
    if header.isPair { return (whole, note) }
    let least = header.length + 4
    if whole < least { return (least, "VOX_OFFSET:\(whole)") }
    return (whole, note)
  }

  /// Bytes that a single file must have.
  var needed: Int {
    let place = offset.place
    // An offset beyond all reason is judged when the file's length is known.
    return (place > 1 << 40 ? header.length + 4 : place) + voxelBytes
  }

  /// Bytes at the highest: the file, and either its unpacked copy beside the floats, or the floats beside their
  /// canonical copy and its packing; of a scan also what the worker will need of it. Throws `MEMORY` (held) where that is
  /// more than allowed.
  func predictedBytes(packed: Int) throws(Rejection) -> Int {
    let floats = 4 * grid.size.count
    let reading = packed + max(needed + floats, 3 * floats)
    let predicted = role == .scan ? max(reading, Preparation.bytesPerVoxel * grid.size.count) : reading
    guard predicted <= limits.maximumMemory else {
      throw Rejection.memory(predicted, allowed: limits.maximumMemory)
    }
    return predicted
  }

  /// Reads the voxels from the file's (unpacked) bytes, or from the pair's second file.
  func read(
    _ bytes: UnsafeBufferPointer<UInt8>, packedBytes: Int, voxels: [UInt8]?
  ) throws(Rejection) -> NiftiReading {
    _ = try predictedBytes(packed: packedBytes)
    guard header.isPair else { return try read(UnsafeRawBufferPointer(bytes), packed: packedBytes) }
    guard let voxels else { throw Rejection(.wait, .pairHalf, ["missing": "the .img file"]) }
    return try voxels.withUnsafeBufferPointer { second in
      Result { () throws(Rejection) in
        guard Gzip.begins(second) else { return try read(UnsafeRawBufferPointer(second), packed: 0) }
        let unpacked = try Gzip.unpack(second, needed: needed, capacity: needed + NiftiFile.slack)
        return try unpacked.content.withUnsafeBytes { content in
          Result { () throws(Rejection) in try read(content, packed: second.count) }
        }.get()
      }
    }.get()
  }

  private func read(_ bytes: UnsafeRawBufferPointer, packed: Int) throws(Rejection) -> NiftiReading {
    var (notes, warnings) = (grid.notes, grid.warnings)
    let place = try placeOfVoxels(in: bytes.count, isWhole: packed > 0, notes: &notes)
    if header.bitpix != 8 * type.bytes {
      guard bytes.count == place + voxelBytes else {
        throw Rejection(
          .reject, .badBitpix, ["bitpix": "\(header.bitpix)", "datatype": VoxelType.name(header.datatype)])
      }
      notes.append("BITPIX:\(header.bitpix)")
    }
    if bytes.count > place + voxelBytes { notes.append("TRAILING_DATA:\(bytes.count - place - voxelBytes)") }
    try judgePersonalData(bytes, voxelsAt: place, warnings: &warnings)
    let channel = grid.volumes == 2 ? 1 : 0
    if channel == 1 { notes.append("ONE_HOT") }
    let count = grid.size.count
    let scaled = ScaledVoxels(
      bytes, at: place + channel * count * type.bytes, count: count, type: type, isBigEndian: header.isBigEndian,
      scaling: scaling(notes: &notes))
    guard scaled.outOfRange == 0 else {
      throw Rejection(.hold, .valueRange, ["voxels beyond 1e15": "\(scaled.outOfRange)"])
    }
    guard scaled.notFinite * 20 <= count else {
      let share = (100 * Double(scaled.notFinite) / Double(count)).fixed(1)
      throw Rejection(.reject, .nan, ["not finite": "\(share) %", "allowed": "5 %"])
    }
    if scaled.notFinite > 0 { notes.append("NAN_ZEROED:\(scaled.notFinite)") }
    if header.isBigEndian { notes.append("BYTES_SWAPPED") }
    let image = Image(
      volume: Volume(size: grid.size, values: scaled.values), geometry: grid.geometry, header: header.geometry)
    return NiftiReading(
      image: image, normalisations: notes, warnings: warnings, description: header.description,
      predictedBytes: try predictedBytes(packed: packed))
  }

  private func placeOfVoxels(
    in length: Int, isWhole: Bool, notes: inout [String]
  ) throws(Rejection) -> Int {
    let (place, note) = offset
    if let note { notes.append(note) }
    let least = header.isPair ? 0 : header.length + 4
    guard place <= length - voxelBytes else {
      // The voxels would be there, were the offset right.
      if place > least, place > 1 << 40 || length >= least + voxelBytes {
        throw Rejection(
          .reject, .badOffset,
          [
            "vox_offset": header.voxelOffset.fixed(0), "have": readable(bytes: length),
            "need": readable(bytes: voxelBytes),
          ])
      }
      throw Rejection(
        isWhole ? .reject : .wait, isWhole ? .truncated : .incomplete,
        ["have": readable(bytes: length), "need": readable(bytes: place + voxelBytes)])
    }
    return place
  }

  /// nil for none: a slope of 0 means that, and one that is no number can mean nothing else.
  private func scaling(notes: inout [String]) -> (slope: Double, intercept: Double)? {
    if header.slope == 0 { return nil }
    guard header.slope.isFinite, header.intercept.isFinite else {
      notes.append("SCALING_IGNORED")
      return nil
    }
    return (header.slope, header.intercept)
  }

  private func judgePersonalData(
    _ bytes: UnsafeRawBufferPointer, voxelsAt place: Int, warnings: inout [String]
  ) throws(Rejection) {
    guard limits.personalData != .ignore else { return }
    var fields: [String] = []
    for (field, text) in [
      ("descrip", header.description), ("aux_file", header.auxiliary), ("db_name", header.databaseName),
    ]
    where NamedPerson.isSuspected(text) { fields.append(field) }
    if !header.isPair, NamedPerson.hasDicomExtension(bytes, from: header.length, to: place, header.isBigEndian) {
      fields.append("header extension")
    }
    guard !fields.isEmpty else { return }
    let found = fields.joined(separator: ", ")
    if limits.personalData == .hold { throw Rejection(.hold, .personalData, ["found in": found]) }
    warnings.append("PERSONAL_DATA:\(found)")
  }
}

/// Whether a header may name a person. A tripwire, not a guarantee.
enum NamedPerson {
  /// DICOM writes a person as FAMILY^GIVEN; exports say "patient".
  static func isSuspected(_ text: String) -> Bool {
    text.contains("^") || text.lowercased().contains("patient")
  }

  /// Whether one of the header's extensions is a DICOM dump (ecode 2).
  static func hasDicomExtension(
    _ bytes: UnsafeRawBufferPointer, from header: Int, to voxels: Int, _ isBigEndian: Bool
  ) -> Bool {
    guard header + 4 <= bytes.count, bytes[header] != 0 else { return false }
    let end = min(voxels, bytes.count)
    var place = header + 4
    while place + 8 <= end {
      let words = [0, 4].map { offset in
        let word = bytes.loadUnaligned(fromByteOffset: place + offset, as: UInt32.self)
        return Int(isBigEndian ? word.byteSwapped : word)
      }
      if words[1] == 2 { return true }
      guard words[0] >= 16, words[0] % 16 == 0 else { return false }
      place += words[0]
    }
    return false
  }
}
