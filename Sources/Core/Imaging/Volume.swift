import Contract

/// Voxels along x, y and z.
@frozen public struct GridSize: Hashable, Sendable, Codable {
  /// Voxels along x, which lies densest in memory.
  public var x: Int
  /// Voxels along y.
  public var y: Int
  /// Voxels along z.
  public var z: Int

  /// A grid of x · y · z voxels.
  @inlinable public init(_ x: Int, _ y: Int, _ z: Int) {
    self.x = x
    self.y = y
    self.z = z
  }

  /// All voxels.
  @inlinable public var count: Int { x * y * z }
  /// The three numbers as a list [x, y, z].
  public var list: [Int] { [x, y, z] }
  /// Where the voxel (x, y, z) lies in a volume's values.
  @inlinable public func index(_ x: Int, _ y: Int, _ z: Int) -> Int { x + self.x * (y + self.y * z) }

  init(_ list: [Int]) { self.init(list[0], list[1], list[2]) }
}

/// Values on a grid: index x + nx · (y + ny · z). As a patch tensor that is (D, H, W) = (z, y, x).
///
/// Frozen and inlinable, because an access to a voxel that is not specialised for its type costs a hundred times more.
@frozen public struct Volume<Element: Sendable>: Sendable {
  /// Voxels along x, y, z.
  public let size: GridSize
  /// The values, x fastest.
  public var values: [Element]

  /// A volume of these values; there must be as many as the grid has voxels.
  @inlinable public init(size: GridSize, values: [Element]) {
    precondition(values.count == size.count, "a volume has one value a voxel")
    self.size = size
    self.values = values
  }

  /// A volume of one value.
  @inlinable public init(size: GridSize, repeating value: Element) {
    self.init(size: size, values: [Element](repeating: value, count: size.count))
  }

  /// The value of a voxel.
  @inlinable public subscript(x: Int, y: Int, z: Int) -> Element {
    get { values[size.index(x, y, z)] }
    set { values[size.index(x, y, z)] = newValue }
  }

  /// The volume with every value changed by `change`.
  @inlinable public func map<Other: Sendable>(_ change: (Element) -> Other) -> Volume<Other> {
    Volume<Other>(size: size, values: values.map(change))
  }
}

extension Volume<Float> {
  /// 1 where the value is greater than `threshold`, elsewhere 0.
  public func mask(above threshold: Float) -> Volume<UInt8> {
    Volume<UInt8>(size: size, values: values.map { $0 > threshold ? 1 : 0 })
  }

  /// 1 where the value is at least `threshold`, elsewhere 0.
  public func mask(from threshold: Float) -> Volume<UInt8> {
    Volume<UInt8>(size: size, values: values.map { $0 >= threshold ? 1 : 0 })
  }
}

extension Volume<UInt8> {
  /// The same numbers as floats.
  public var floats: Volume<Float> { Volume<Float>(size: size, values: values.map { Float($0) }) }

  /// The sum of all values: a mask's voxels.
  public var total: Int { values.reduce(0) { $0 + Int($1) } }
}

extension Volume: Equatable where Element: Equatable {}

/// A scan or mask in storage order, with its place in the world and what its header said about that.
public struct Image: Sendable {
  /// The scaled values, storage order.
  public var volume: Volume<Float>
  /// Size, and index → RAS+ mm.
  public let geometry: GridGeometry
  /// The header's own geometry fields, to be written again unchanged.
  public let header: GeometryHeader

  /// An image that was read.
  init(volume: Volume<Float>, geometry: GridGeometry, header: GeometryHeader) {
    self.volume = volume
    self.geometry = geometry
    self.header = header
  }

  /// A new image at `geometry`, whose size must be the volume's: its header says the affine as sform, and as qform
  /// where a quaternion can.
  public init(volume: Volume<Float>, geometry: GridGeometry) {
    precondition(volume.size.list == geometry.size, "geometry and volume have one size")
    self.init(volume: volume, geometry: geometry, header: GeometryHeader(stating: geometry))
  }
}
