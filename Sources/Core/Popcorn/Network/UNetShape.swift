import Engine

/// The network's proportions. The paper's is width 24: 7,070,738 parameters.
public struct UNetShape: Hashable, Sendable {
  /// Channels of the first convolution; a multiple of the 8 groups of the normalisation.
  public var width: Int
  /// Channels of a scan.
  public var channels: Int
  /// Classes told apart: background, lesion.
  public var classes: Int
  /// Rate of the dropout after each pooling, 0..<1.
  public var dropout: Float
  /// Whether a second decoder, without skips, paints the patch again: the strategy `attention` learns with it, and no
  /// file of weights keeps it.
  public var reconstructs = false

  /// The paper's network by default.
  public init(width: Int = 24, channels: Int = 1, classes: Int = 2, dropout: Float = 0.5) {
    self.width = width
    self.channels = channels
    self.classes = classes
    self.dropout = dropout
  }

  /// The proportions of a stored network. Throws `SafetensorsError` where it is another network's file: before anything of
  /// the size that it claims is made.
  public init(of file: Safetensors, dropout: Float = 0.5) throws {
    func shape(_ name: String) throws -> [Int] {
      guard let shape = file[name]?.shape, shape.count == 5 else { throw SafetensorsError.missing(name) }
      return shape
    }
    let (first, last) = (try shape("encoder.0.conv1.weight"), try shape("output.weight"))
    guard Self.widths ~= first[0], Self.counts ~= first[1], Self.counts ~= last[0] else {
      throw SafetensorsError.layout(
        "a network of width \(first[0]) for \(first[1]) channels and \(last[0]) classes: widths of \(Self.widths) and counts of "
          + "\(Self.counts) are read")
    }
    self.init(width: first[0], channels: first[1], classes: last[0], dropout: dropout)
    for weight in weights {
      let found = try shape(weight.name)
      guard found == weight.shape else {
        throw SafetensorsError.shape(weight.name, expected: weight.shape, found: found)
      }
    }
  }

  private static let widths = 8...1024
  /// Channels of a scan, classes.
  private static let counts = 1...64

  /// Channels into and out of a convolution.
  typealias Channels = (inputs: Int, outputs: Int)

  /// The two convolutions of each level, from the top.
  var encoder: [(first: Channels, second: Channels)] {
    [(channels, width), (2 * width, 2 * width), (4 * width, 4 * width)].map { inputs, middle in
      ((inputs, middle), (middle, 2 * middle))
    }
  }
  /// Below the last level.
  var bottleneck: Channels { (8 * width, latent) }
  /// The convolution of each level, from the top: it sees what comes from below and what the encoder's level had.
  var decoder: [Channels] { [(6 * width, 4 * width), (12 * width, 4 * width), (24 * width, 8 * width)] }
  /// The last convolution.
  var output: Channels { (4 * width, classes) }

  /// Those of the convolutions: (outputs, inputs, z, y, x).
  private var weights: [(name: String, shape: [Int])] {
    let down = encoder.enumerated().flatMap { level, pair in
      [("encoder.\(level).conv1", pair.first), ("encoder.\(level).conv2", pair.second)]
    }
    let up = decoder.enumerated().map { ("decoder.\($0).conv", $1) }
    return (down + [("bottleneck.conv", bottleneck)] + up + [("output", output)]).map { name, channels in
      ("\(name).weight", [channels.outputs, channels.inputs, 3, 3, 3])
    }
  }

  /// Length of a latent vector h: channels of the bottleneck.
  public var latent: Int { 16 * width }

  static let groups = 8
  static let epsilon = 1e-6
}

/// Voxels of a patch, each edge a multiple of 8: the network halves it three times.
public struct PatchSize: Hashable, Sendable {
  /// Along z.
  public var depth: Int
  /// Along y.
  public var height: Int
  /// Along x, the fastest axis.
  public var width: Int

  /// A box.
  public init(depth: Int, height: Int, width: Int) {
    self.depth = depth
    self.height = height
    self.width = width
  }

  /// A cube.
  public init(edge: Int) { self.init(depth: edge, height: edge, width: edge) }

  /// Voxels.
  public var count: Int { depth * height * width }

  func shape(channels: Int) throws -> Shape {
    guard depth > 0, height > 0, width > 0, depth % 8 == 0, height % 8 == 0, width % 8 == 0 else {
      throw EngineError.shape("a patch of \(depth)x\(height)x\(width): edges must be multiples of 8")
    }
    return Shape(channels: channels, depth: depth, height: height, width: width)
  }
}
