import Contract
import Imaging

/// What a cycle asks of whoever runs it.
public protocol CycleHost: AnyObject {
  /// Asked between optimizer steps and between tiles: the place to answer others, to show progress, and to say stop.
  /// Answers false where the cycle is to stop at a checkpoint.
  func mayContinue(_ progress: TrainingProgress) throws -> Bool

  /// Keeps a pseudo-label so that it survives a power cut.
  /// - Parameters:
  ///   - mask: on the reference grid.
  ///   - segmentation: what the mask was cut from.
  ///   - point: where it was cut.
  /// Throws `UnreadableCase` where the scan's file is needed for that and cannot be read.
  func keep(
    _ mask: Volume<UInt8>, of segmentation: Segmentation, for scan: CaseReference, at point: OperatingPoint
  ) throws -> KeptLabel

  /// Told at the end of each epoch, with the reports of all epochs of the cycle.
  func epochEnded(_ curve: [EpochReport]) throws

  /// Told at the end of each step, step 0 being the initial training, what training has come to. A cycle that is resumed may
  /// tell of the last one again.
  /// - Parameter view: what the weights that would be published now make of cases.
  func stepEnded(_ end: StepEnd, view: StepView) throws

  /// The latent of a case under the weights that the cycle starts with, where it is known; else nil, and it is computed.
  func latentAtStart(of scan: CaseReference) -> [Float]?

  /// Told when a case of the pool cannot be read; the cycle goes on without it. Answers why, in one sentence.
  func leftOut(_ scan: CaseReference, because error: any Error) -> String

  /// Told when training went back to an earlier state.
  func incident(_ incident: CycleResult.Incident)
}

extension CycleHost {
  /// Nobody looks.
  public func stepEnded(_ end: StepEnd, view: StepView) throws {}
}

/// What the weights that would be published now make of cases. Good until training goes on.
public struct StepView {
  /// The mask of a case, on the reference grid.
  public let segment: (CaseReference) throws -> Volume<UInt8>
  /// What is left of the pool in proximity order, equations (6) and (7), whatever order the strategy has.
  public let nearestFirst: () throws -> [ProximityFigures]
}

/// What training has come to at the end of a step.
public struct StepEnd: Sendable, Equatable {
  /// The step, from 1; 0 is the initial training.
  public var step: Int
  /// Optimizer steps of the cycle until then.
  public var optimizerSteps: Int
  /// Scans of the training set.
  public var trainingScans: Int
}

/// A pseudo-label in the host's files.
public struct KeptLabel: Sendable {
  /// The file on the reference grid; `CaseSource.mask` reads it back.
  public var referenceMask: String
  /// The file on the scan's own grid.
  public var mask: String
  /// What the mask measures.
  public var figures: MaskFigures

  /// A pseudo-label in files.
  public init(referenceMask: String, mask: String, figures: MaskFigures) {
    self.referenceMask = referenceMask
    self.mask = mask
    self.figures = figures
  }
}

/// A case of the pool cannot be read: the cycle goes on without it.
public struct UnreadableCase: Error {
  /// Why.
  public var reason: any Error

  /// It cannot be read, for this reason.
  public init(_ reason: any Error) { self.reason = reason }
}

/// The cycle stopped where it was told to, at a checkpoint.
public struct CyclePaused: Error {
  /// It is to stop.
  public init() {}
}

/// What came of a cycle, before it is written to files.
public struct CycleOutcome: Sendable {
  /// Whether the weights may become a generation.
  public var outcome: CycleResult.Outcome
  /// In one sentence, why.
  public var words: String
  /// What the gate saw on each held-out case.
  public var gate: [CycleResult.Gate]
  /// The probability from which a voxel is lesion.
  public var threshold: Double
  /// What was taken from the pool, in order.
  public var selections: [CycleResult.Selection]
  /// What went wrong on the way.
  public var incidents: [CycleResult.Incident]
  /// The cases of the pool that could not be read.
  public var leftOut: [CycleResult.LeftOut]
  /// Optimizer steps.
  public var optimizerSteps: Int
  /// Mean of equation (5) over the last epoch; 0 where there was none.
  public var finalLoss: Double
  /// The epochs.
  public var curve: [EpochReport]
  /// Latents of T and U under the new weights; none where they may not become a generation.
  public var latents: [LatentCase]
  /// The weights, a safetensors file.
  public var model: [UInt8]
  /// Adam's state, a safetensors file.
  public var optimizer: [UInt8]
}
