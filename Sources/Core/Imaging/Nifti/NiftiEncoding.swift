import Contract

extension NiftiFile {
  /// A scan, Float32, packed.
  public static func encode(scan: Volume<Float>, like header: GeometryHeader, description: String = "") -> [UInt8] {
    scan.values.withUnsafeBytes {
      file($0, size: scan.size, .float32, header, Appearance(description: description))
    }
  }

  /// A mask, uint8 of 0 and 1, with the intent of a label; packed. The geometry is byte for byte that of `header`.
  public static func encode(mask: Volume<UInt8>, like header: GeometryHeader, description: String = "") -> [UInt8] {
    mask.values.withUnsafeBytes {
      file(
        $0, size: mask.size, .uint8, header,
        Appearance(description: description, intent: 1002, slope: 1, maximum: 1))
    }
  }

  /// A lesion probability 0…1, as uint8 with slope 1/255 or as Float32; packed. nil for `.none`.
  public static func encode(
    probability: Volume<Float>, as kind: ProbabilityKind, like header: GeometryHeader, description: String = ""
  ) -> [UInt8]? {
    switch kind {
    case .none: return nil
    case .float32:
      return probability.values.withUnsafeBytes {
        file(
          $0, size: probability.size, .float32, header,
          Appearance(description: description, intent: 1001, slope: 1, maximum: 1))
      }
    case .uint8:
      let voxels = probability.values.map { UInt8((min(1, max(0, $0)) * 255).rounded()) }
      return voxels.withUnsafeBytes {
        file(
          $0, size: probability.size, .uint8, header,
          Appearance(description: description, intent: 1001, slope: 1 / 255.0, maximum: 1))
      }
    }
  }

  private struct Appearance {
    var description: String
    var intent = 0
    var slope = 1.0
    /// cal_max: what a viewer shows white; 0 lets it choose.
    var maximum = 0.0
  }

  private static func file(
    _ voxels: UnsafeRawBufferPointer, size: GridSize, _ type: VoxelType, _ geometry: GeometryHeader,
    _ appearance: Appearance
  ) -> [UInt8] {
    let isLong = size.list.contains { $0 > Int(Int16.max) }
    var content: [UInt8] = []
    content.reserveCapacity(544 + voxels.count)
    content +=
      isLong ? longHeader(size, type, geometry, appearance) : shortHeader(size, type, geometry, appearance)
    content.append(contentsOf: voxels)
    return Gzip.pack(content)
  }

  private static func shortHeader(
    _ size: GridSize, _ type: VoxelType, _ geometry: GeometryHeader, _ appearance: Appearance
  ) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 352)
    bytes.put(Int32(348), at: 0)
    bytes[38] = UInt8(ascii: "r")
    for (index, extent) in ([3] + size.list + [1, 1, 1, 1]).enumerated() {
      bytes.put(Int16(extent), at: 40 + 2 * index)
    }
    bytes.put(Int16(appearance.intent), at: 68)
    bytes.put(Int16(type.rawValue), at: 70)
    bytes.put(Int16(8 * type.bytes), at: 72)
    for (index, value) in geometry.pixdim.enumerated() { bytes.put(float: value, at: 76 + 4 * index) }
    bytes.put(float: 352, at: 108)
    bytes.put(float: appearance.slope, at: 112)
    bytes[123] = UInt8(truncatingIfNeeded: geometry.units)
    bytes.put(float: appearance.maximum, at: 124)
    bytes.put(text: appearance.description, at: 148, count: 80)
    bytes.put(Int16(truncatingIfNeeded: geometry.qformCode), at: 252)
    bytes.put(Int16(truncatingIfNeeded: geometry.sformCode), at: 254)
    for (index, value) in geometry.quaternion.enumerated() { bytes.put(float: value, at: 256 + 4 * index) }
    for (index, value) in geometry.offset.enumerated() { bytes.put(float: value, at: 268 + 4 * index) }
    for (index, value) in geometry.rows.enumerated() { bytes.put(float: value, at: 280 + 4 * index) }
    bytes.put(text: "n+1", at: 344, count: 4)
    return bytes
  }

  private static func longHeader(
    _ size: GridSize, _ type: VoxelType, _ geometry: GeometryHeader, _ appearance: Appearance
  ) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 544)
    bytes.put(Int32(540), at: 0)
    bytes.replaceSubrange(4..<12, with: [0x6e, 0x2b, 0x32, 0, 0x0d, 0x0a, 0x1a, 0x0a])
    bytes.put(Int16(type.rawValue), at: 12)
    bytes.put(Int16(8 * type.bytes), at: 14)
    for (index, extent) in ([3] + size.list + [1, 1, 1, 1]).enumerated() {
      bytes.put(Int64(extent), at: 16 + 8 * index)
    }
    for (index, value) in geometry.pixdim.enumerated() { bytes.put(double: value, at: 104 + 8 * index) }
    bytes.put(Int64(544), at: 168)
    bytes.put(double: appearance.slope, at: 176)
    bytes.put(double: appearance.maximum, at: 192)
    bytes.put(text: appearance.description, at: 240, count: 80)
    bytes.put(Int32(geometry.qformCode), at: 344)
    bytes.put(Int32(geometry.sformCode), at: 348)
    for (index, value) in geometry.quaternion.enumerated() { bytes.put(double: value, at: 352 + 8 * index) }
    for (index, value) in geometry.offset.enumerated() { bytes.put(double: value, at: 376 + 8 * index) }
    for (index, value) in geometry.rows.enumerated() { bytes.put(double: value, at: 400 + 8 * index) }
    bytes.put(Int32(truncatingIfNeeded: geometry.units), at: 500)
    bytes.put(Int32(appearance.intent), at: 504)
    return bytes
  }
}
