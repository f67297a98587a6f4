/// Which way each layer's passes are to be computed, where that is known: what was measured on a processor, or what a model
/// was trained with. The rule decides the rest.
///
/// Ways differ in rounding alone (1e-5 of each operation at most). One who wants the same bytes again keeps the table.
public struct ConvolutionTable: Hashable, Sendable {
  /// A pass of a layer over tensors of one size.
  public struct Key: Hashable, Sendable {
    /// Which of the layer's computations.
    public var pass: ConvolutionPass
    /// Channels in.
    public var inputs: Int
    /// Channels out.
    public var outputs: Int
    /// Along z, y and x.
    public var edges: [Int]

    /// A pass of a layer over tensors of a size.
    public init(_ pass: ConvolutionPass, _ shape: ConvolutionShape, over size: Shape) {
      self.pass = pass
      inputs = shape.inputs
      outputs = shape.outputs
      edges = [size.depth, size.height, size.width]
    }

    fileprivate init?(_ words: [Substring]) {
      guard words.count == 4, let pass = ConvolutionPass(rawValue: String(words[0])), let inputs = Int(words[1]),
        let outputs = Int(words[2])
      else { return nil }
      let edges = words[3].split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
      guard edges.count == 3, edges.allSatisfy({ ($0 ?? 0) > 0 }), inputs > 0, outputs > 0 else { return nil }
      self.pass = pass
      self.inputs = inputs
      self.outputs = outputs
      self.edges = edges.compactMap(\.self)
    }

    fileprivate var text: String {
      "\(pass.rawValue) \(inputs) \(outputs) \(edges.map(String.init).joined(separator: "x"))"
    }
  }

  private var ways: [Key: ConvolutionWay] = [:]

  /// A table that leaves everything to the rule.
  public init() {}

  /// The way of a pass; nil where the table does not say.
  public subscript(key: Key) -> ConvolutionWay? {
    get { ways[key] }
    set { ways[key] = newValue }
  }

  /// How many passes it knows.
  public var count: Int { ways.count }

  /// The way of each pass of the given layers: this table's, and the rule's where it does not say. With it a processor
  /// computes those layers alike whatever a later rule or measurement says.
  public func complete(for layers: [(shape: ConvolutionShape, size: Shape)]) -> ConvolutionTable {
    var whole = ConvolutionTable()
    for (shape, size) in layers {
      for pass in ConvolutionPass.allCases {
        let key = Key(pass, shape, over: size)
        whole[key] = self[key] ?? .byRule(pass, shape, over: size)
      }
    }
    return whole
  }

  /// The text that `text` gave; nil of any other. Entries end with a line or a semicolon.
  public init?(text: String) {
    for entry in text.split(whereSeparator: { $0 == "\n" || $0 == ";" }) {
      let words = entry.split(separator: " ")
      guard let last = words.last, let way = ConvolutionWay(rawValue: String(last)), let key = Key(words.dropLast())
      else { return nil }
      ways[key] = way
    }
  }

  /// An entry a line, sorted: `forward 144 96 64x64x64 wideWinograd`.
  public var text: String { entries.map { $0 + "\n" }.joined() }

  /// The same in one line.
  public var line: String { entries.joined(separator: "; ") }

  private var entries: [String] { ways.map { "\($0.key.text) \($0.value.rawValue)" }.sorted() }
}

/// The three computations of a layer.
public enum ConvolutionPass: String, Sendable, CaseIterable {
  /// y from x and w.
  case forward
  /// dx from dy and w.
  case inputGradient
  /// dw from x and dy.
  case weightGradient
}

/// A way to compute a pass of a convolution.
public enum ConvolutionWay: String, Sendable, CaseIterable {
  /// As the sum is written: oneDNN's, and ours to few channels.
  case direct
  /// Winograd's with tiles of 2³.
  case winograd
  /// Winograd's with tiles of 2 x 4 x 4.
  case wideWinograd

  /// Whether a layer of this size can be computed so; where it cannot, a `CPU` computes it as it is written.
  public func isPossible(for shape: ConvolutionShape, over size: Shape) -> Bool {
    switch self {
    case .direct: true
    case .winograd: Winograd.suits(.two, shape, size)
    case .wideWinograd: Winograd.suits(.four, shape, size)
    }
  }

  /// What was measured to be fastest on the processors that we know. Each pass of Winograd's goes through the transformed
  /// filter, 64 or 144 values for 27, at least once: few tiles do not pay for that; nor do few inputs for their transform.
  public static func byRule(_ pass: ConvolutionPass, _ shape: ConvolutionShape, over size: Shape) -> ConvolutionWay {
    if size.voxels >= 4096, wideWinograd.isPossible(for: shape, over: size) { return .wideWinograd }
    guard winograd.isPossible(for: shape, over: size) else { return .direct }
    return switch pass {
    case .forward: shape.inputs >= 16 && size.voxels >= 512 ? .winograd : .direct
    case .inputGradient: size.voxels >= 512 ? .winograd : .direct
    case .weightGradient: size.voxels >= 4096 ? .winograd : .direct
    }
  }
}
