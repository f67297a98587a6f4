import Glibc

/// All parameters of a network in one contiguous block, their gradients in another; names and shapes are PyTorch's.
public final class ParameterBlock {
  /// A parameter's place in the block.
  public struct Entry: Hashable, Sendable {
    /// PyTorch's name, such as `encoder.0.conv1.weight`.
    public var name: String
    /// PyTorch's shape, such as (O, I, D, H, W).
    public var shape: [Int]
    /// Its values in the block.
    public var range: Range<Int>
  }

  /// Every parameter, in the order of the block.
  public let entries: [Entry]
  /// How many values the block has.
  public let count: Int
  private let places: [String: Int]
  private let valueStorage: UnsafeMutableBufferPointer<Float>
  private let gradientStorage: UnsafeMutableBufferPointer<Float>

  /// A block of zeros. Names must differ.
  public init(_ parameters: [(name: String, shape: [Int])]) {
    var entries: [Entry] = []
    var start = 0
    for (name, shape) in parameters {
      let count = shape.reduce(1, *)
      entries.append(Entry(name: name, shape: shape, range: start..<start + count))
      start += count
    }
    self.entries = entries
    count = start
    places = Dictionary(entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    valueStorage = .allocate(capacity: start)
    valueStorage.initialize(repeating: 0)
    gradientStorage = Self.zeros(start)
  }

  deinit {
    valueStorage.deallocate()
    free(gradientStorage.baseAddress)
  }

  /// Zeros that take memory only once they are written to: what only segments has no gradients.
  private static func zeros(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    guard count > 0, let room = calloc(count, MemoryLayout<Float>.stride) else {
      return UnsafeMutableBufferPointer(start: nil, count: 0)
    }
    return UnsafeMutableBufferPointer(start: room.bindMemory(to: Float.self, capacity: count), count: count)
  }

  /// The parameters' names, in the order of the block.
  public var names: [String] { entries.map(\.name) }
  /// The parameters' shapes, in the order of the block.
  public var shapes: [[Int]] { entries.map(\.shape) }

  /// Where a parameter lies; nil when there is none of that name.
  public func view(_ name: String) -> Range<Int>? { places[name].map { entries[$0].range } }

  /// A copy of the values; setting must bring as many, others are ignored beyond the block's end.
  public var values: [Float] {
    get { Array(valueStorage) }
    set { _ = valueStorage.update(from: newValue.prefix(count)) }
  }

  /// A copy of the gradients.
  public var gradients: [Float] {
    get { Array(gradientStorage) }
    set { _ = gradientStorage.update(from: newValue.prefix(count)) }
  }

  /// The values themselves, valid as long as the block.
  public var valueBuffer: UnsafeMutableBufferPointer<Float> { valueStorage }
  /// The gradients themselves, valid as long as the block.
  public var gradientBuffer: UnsafeMutableBufferPointer<Float> { gradientStorage }

  /// Forgets the gradients: call it before the first `backward` of a step.
  public func clearGradients() { gradientStorage.update(repeating: 0) }
}

extension ParameterBlock {
  /// The parameters as a safetensors file that PyTorch's `load_file` reads; without those whose names begin with `prefix`.
  public func safetensors(metadata: [String: String] = [:], leavingOut prefix: String? = nil) -> [UInt8] {
    let tensors = entries(leavingOut: prefix).map { entry in
      Safetensors.Entry(name: entry.name, shape: entry.shape, values: .float32(Array(valueStorage[entry.range])))
    }
    return Safetensors(tensors, metadata: metadata.merging(["format": "pt"]) { own, _ in own }).encode()
  }

  /// Sets every parameter from a file that has them all, by name and shape, but those whose names begin with `prefix`. More
  /// tensors than these are let be. Throws `SafetensorsError.missing` or `.shape`, and changes nothing then.
  public func load(_ file: Safetensors, leavingOut prefix: String? = nil) throws {
    var found: [(Range<Int>, [Float])] = []
    for entry in entries(leavingOut: prefix) {
      guard let tensor = file[entry.name] else { throw SafetensorsError.missing(entry.name) }
      guard tensor.shape == entry.shape else {
        throw SafetensorsError.shape(entry.name, expected: entry.shape, found: tensor.shape)
      }
      found.append((entry.range, tensor.values.floats))
    }
    for (range, values) in found {
      _ = UnsafeMutableBufferPointer(rebasing: valueStorage[range]).update(from: values)
    }
  }

  private func entries(leavingOut prefix: String?) -> [Entry] {
    guard let prefix else { return entries }
    return entries.filter { !$0.name.hasPrefix(prefix) }
  }
}
