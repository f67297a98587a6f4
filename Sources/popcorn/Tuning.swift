import Contract
import Engine
import Files
import Glibc
import Popcorn
import SystemPackage

/// Which way of computing each convolution was measured to be fastest here, kept in a folder that may be emptied at any
/// time. It holds for one processor, its threads, and one build of the engine; what is of another is no tuning.
///
/// Nothing is measured unless a person once asked for it (`popcorn bench --tune`): without, the engine's own rule decides,
/// and two equal machines compute the same bytes.
struct Tuning {
  private let folder: FilePath

  /// The tuning in a cache: `engine/convolutions.txt` in it.
  /// - Parameter cache: the cache's folder; the usual one where it is not named.
  init(cache: String? = nil) { folder = (cache.map { FilePath($0) } ?? Self.usual()).appending("engine") }

  /// The cache that the environment names, as systemd does for the service; else the user's own.
  private static func usual() -> FilePath {
    func named(_ name: String) -> FilePath? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : FilePath($0) }
    }
    return named("CACHE_DIRECTORY") ?? named("XDG_CACHE_HOME")?.appending("popcorn")
      ?? (named("HOME") ?? FilePath("/tmp")).appending(".cache/popcorn")
  }

  var file: FilePath { folder.appending("convolutions.txt") }

  /// What is found in the folder.
  enum Kept: Equatable {
    /// Nobody asked for a measurement.
    case nothing
    case table(ConvolutionTable)
    /// Somebody did, but what is there cannot be used: why.
    case unusable(String)
  }

  private static let firstLine = "popcorn convolutions 1"
  private static let seal = "sha256 "

  /// Whose measurements these are: a processor, its threads, and what computes.
  static var identity: String {
    let machine = "\(Provenance.processor), \(EngineIdentity.instructionSet), \(CPU.threads) threads"
    return "\(machine), oneDNN \(EngineIdentity.oneDNN), popcorn \(Version.text)"
  }

  func read() -> Kept {
    let bytes: [UInt8]
    do {
      bytes = try BoundedReader.read(file, limit: 1 << 20)
    } catch  where error.errno == .noSuchFileOrDirectory {
      return .nothing
    } catch {
      return .unusable("\(error)")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 4, lines[0] == Self.firstLine, lines.last == "", lines[lines.count - 2].hasPrefix(Self.seal)
    else { return .unusable("\(file) is not a tuning of ours") }
    let content = lines.dropLast(2).map { $0 + "\n" }.joined()
    guard lines[lines.count - 2] == Self.seal + "\(Digest(of: Array(content.utf8)))" else {
      return .unusable("\(file) is damaged")
    }
    guard lines[1] == Self.identity else { return .unusable("\(file) was measured elsewhere (\(lines[1]))") }
    guard let table = ConvolutionTable(text: lines[2..<lines.count - 2].joined(separator: "\n")) else {
      return .unusable("\(file) is damaged")
    }
    return .table(table)
  }

  func write(_ table: ConvolutionTable) throws {
    let content = "\(Self.firstLine)\n\(Self.identity)\n\(table.text)"
    let text = content + Self.seal + "\(Digest(of: Array(content.utf8)))\n"
    try DurableFile.write(Array(text.utf8), as: "convolutions.txt", in: try Directory(making: folder))
  }

  /// The table for these layers: what is kept, where a person once asked for it; measured anew and kept where what is
  /// there cannot be used or does not know the layers, of which `say` hears in a line. The rule's where nothing is kept.
  /// - Parameter mayContinue: asked between measurements; where it says no, `CyclePaused` is thrown.
  func table(for layers: NetworkLayers, say: (String) -> Void, mayContinue: () throws -> Bool) throws
    -> ConvolutionTable
  {
    var known = ConvolutionTable()
    switch read() {
    case .nothing: return known
    case .table(let table) where layers.areKnown(to: table): return table
    case .table(let table):
      known = table
      say("the convolutions of width \(layers.width) and patch \(layers.edge) are measured for \(file)")
    case .unusable(let why): say("\(why): it is measured anew")
    }
    guard let measured = try measure(layers, beside: known, mayContinue: mayContinue) else { throw CyclePaused() }
    do { try write(measured) } catch { say("the measurement cannot be kept: \(Fault(error).description)") }
    return measured
  }

  /// `known` with the fastest way of each pass of these layers; nil where it was not to go on.
  func measure(
    _ layers: NetworkLayers, beside known: ConvolutionTable = ConvolutionTable(), repetitions: Int = 5,
    mayContinue: () throws -> Bool = { true }
  ) throws -> ConvolutionTable? {
    var table = known
    for layer in layers.layers {
      let figures = try LayerMeasurement(layer, repetitions: repetitions, mayContinue: mayContinue)
      guard let figures else { return nil }
      for pass in ConvolutionPass.allCases {
        table[ConvolutionTable.Key(pass, layer.shape, over: layer.size)] = figures.fastest(pass)
      }
    }
    return table
  }
}

extension NetworkLayers {
  /// Whether the table says how each pass of these is computed.
  fileprivate func areKnown(to table: ConvolutionTable) -> Bool {
    layers.allSatisfy { layer in
      ConvolutionPass.allCases.allSatisfy { table[ConvolutionTable.Key($0, layer.shape, over: layer.size)] != nil }
    }
  }

  /// The table's ways for these layers, and the rule's where it does not say.
  func complete(_ table: ConvolutionTable) -> ConvolutionTable {
    table.complete(for: layers.map { ($0.shape, $0.size) })
  }
}
