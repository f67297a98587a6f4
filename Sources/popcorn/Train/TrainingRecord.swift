import Engine
import Files
import FoundationEssentials
import Popcorn
import SystemPackage

/// A folder with all that a training learned from, for a judge who takes the same steps with another implementation:
/// `initial.safetensors`, `pairs/000001.safetensors` (x.i, y.i, x.j, y.j, each (D, H, W)) and `steps.tsv`.
///
/// A step's row names the step whose weights it began `after`, since training may go back; the last row, `final`, has
/// the step whose weights it ended with. `dropout.i` and `dropout.j` are the keys of a patch's three dropouts.
final class TrainingRecord: StepRecorder {
  private let directory: Directory
  private let pairs: Directory
  private var rows: [[String]] = [
    ["step", "after", "rate", "total", "segmentation.i", "segmentation.j", "similarity", "consistency"]
      + ["case", "predicted", "truth", "dropout"].flatMap { ["\($0).i", "\($0).j"] }
  ]

  init(_ path: String) throws {
    directory = try Directory(making: FilePath(path))
    guard try directory.names().isEmpty else {
      throw Fault(.configuration, "\(path) is there and not empty: name a new folder for --record")
    }
    pairs = try directory.directory(making: "pairs")
  }

  func begins(_ parameters: ParameterBlock) throws {
    try DurableFile.write(parameters.safetensors(), as: "initial.safetensors", in: directory)
  }

  func took(_ step: TakenStep) throws {
    let shape = [step.edge, step.edge, step.edge]
    let entries = zip(["i", "j"], step.patches).flatMap { name, patch in
      [
        Safetensors.Entry(name: "x.\(name)", shape: shape, values: .float32(patch.image)),
        Safetensors.Entry(name: "y.\(name)", shape: shape, values: .float32(patch.truth.map(Float.init))),
      ]
    }
    let number = String(String(1_000_000 + step.number).dropFirst())
    try DurableFile.write(Safetensors(entries).encode(), as: FilePath("\(number).safetensors"), in: pairs)
    let loss = step.loss
    rows.append(
      [
        "\(step.number)", "\(step.after)", "\(step.rate)", "\(loss.total)", "\(loss.segmentation.first ?? 0)",
        "\(loss.segmentation.last ?? 0)", "\(loss.similarity)", "\(loss.consistency)",
      ] + step.patches.map(\.caseID) + step.predicted.map { "\($0)" }
        + step.patches.map { "\($0.truth.count { $0 == 1 })" } + step.patches.map { keys(of: $0.dropout) })
    if step.number % 100 == 0 { try writeRows() }
  }

  func ended(with step: Int) throws {
    rows.append(["final", "\(step)"])
    try writeRows()
  }

  private func writeRows() throws {
    let text = rows.map { $0.joined(separator: "\t") + "\n" }.joined()
    try DurableFile.write(Array(text.utf8), as: "steps.tsv", in: directory)
  }

  private func keys(of dropout: Random) -> String {
    var random = dropout
    return (0..<3).map { _ in
      let key = DropoutKey(from: &random)
      return "\(key.low):\(key.high)"
    }.joined(separator: ",")
  }
}
