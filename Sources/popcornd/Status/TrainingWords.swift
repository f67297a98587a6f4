import Contract

// What the journal says of training: how far it is, and what came of it.

extension TrainingProgress {
  /// `training, step 2, epoch 1, 40 of 500 optimizer steps, loss 0.531, 02:10 left`.
  var words: String {
    var parts = [phase]
    if step > 0 { parts.append("step \(step)") }
    if epoch > 0 { parts.append("epoch \(epoch)") }
    if total > 0 { parts.append("\(done) of \(total) optimizer steps") }
    if let loss { parts.append("loss \(loss.inThousandths)") }
    if let secondsLeft { parts.append("\(StatusWords.clock(secondsLeft)) left") }
    return parts.joined(separator: ", ")
  }
}

extension CycleResult {
  /// Mean Dice of the weights on the held-out; nil where nothing was measured.
  var meanDice: Double? { gate.isEmpty ? nil : gate.map(\.after).reduce(0, +) / Double(gate.count) }

  /// The Dice of each held-out case, as the rest of a sentence: `; held out: PSN… 0.612 (it was 0.598), PSN… 0.544`.
  var heldOutWords: String {
    let cases = gate.map { seen in
      "\(seen.id) \(seen.after.inThousandths)" + (seen.before.map { " (it was \($0.inThousandths))" } ?? "")
    }
    return cases.isEmpty ? "" : "; held out: " + cases.joined(separator: ", ")
  }
}

extension CycleResult.Incident {
  /// What happened, with the cases of the last batch, so that somebody can look at their masks.
  var words: String {
    "Training went back from optimizer step \(at) to \(backTo): \(reason.rawValue)"
      + (cases.isEmpty ? "" : "; the last batch was of \(cases.joined(separator: ", "))")
  }
}

extension Double {
  fileprivate var inThousandths: Double { (self * 1000).rounded() / 1000 }
}

extension Supervisor {
  /// Says how far the cycle is, at most once a minute.
  func sayProgress(_ progress: TrainingProgress, of cycle: Int) {
    let now = Clock.seconds
    guard now - lastProgress >= 60 else { return }
    lastProgress = now
    journal.say(
      .trainingProgress, "Cycle \(cycle): \(progress.words)",
      [.cycle: String(cycle), .step: String(progress.step)])
  }
}
