import Testing

@testable import popcornd

@Suite struct SchedulerTests {
  private static let settings = Scheduler.Settings(
    triggerArrivals: 3, triggerExpertLabels: 2, triggerMaxWait: 1000, triggerQuiet: 10, triggerQuietExpert: 100,
    minExpert: 2)

  /// A scheduler with a generation, a worker, and nothing to do.
  private static func trained() -> Scheduler {
    var scheduler = Scheduler(settings)
    _ = scheduler.handle(.generation(1), at: 0)
    _ = scheduler.handle(.expertSubjects(3), at: 0)
    _ = scheduler.handle(.workerUp, at: 0)
    _ = scheduler.handle(.ordered([]), at: 0)
    _ = scheduler.handle(.orderEnded, at: 0)
    return scheduler
  }

  @Test func scansWaitForExperts() {
    var scheduler = Scheduler(Self.settings)
    #expect(scheduler.handle(.arrived(id: "A"), at: 0) == [])
    #expect(scheduler.handle(.expertLabel, at: 1) == [])
    #expect(scheduler.handle(.expertSubjects(1), at: 1) == [])
    #expect(scheduler.expertsMissing == 1)
    #expect(scheduler.nextWake(after: 1) == nil)
    #expect(scheduler.handle(.tick, at: 1e6) == [])
  }

  @Test func firstTrainingBeginsAfterQuietAndGoesToTheWorker() {
    var scheduler = Scheduler(Self.settings)
    _ = scheduler.handle(.expertLabel, at: 0)
    _ = scheduler.handle(.expertLabel, at: 5)
    #expect(scheduler.handle(.expertSubjects(2), at: 5) == [])
    #expect(scheduler.nextWake(after: 5) == 15)
    #expect(scheduler.handle(.tick, at: 14.9) == [])
    #expect(scheduler.handle(.tick, at: 15) == [.beginCycle(.first), .startWorker])
    #expect(scheduler.handle(.workerUp, at: 16) == [.resumeCycle])
    #expect(scheduler.isInCycle)
  }

  @Test func draftsGoByArrivalThenByProximity() {
    var scheduler = Self.trained()
    #expect(scheduler.handle(.arrived(id: "B"), at: 1) == [.draft(id: "B")])
    #expect(scheduler.handle(.arrived(id: "A"), at: 2) == [])
    for id in ["X", "Y", "Z"] { _ = scheduler.handle(.outdated(id: id, isInPool: true), at: 2) }
    _ = scheduler.handle(.outdated(id: "P", isInPool: false), at: 2)
    _ = scheduler.handle(.ordered(["Z", "Y", "X"]), at: 2)
    var order: [String] = []
    var actions = scheduler.handle(.drafted(id: "B"), at: 3)
    while case .draft(let id)? = actions.first {
      order.append(id)
      actions = scheduler.handle(.drafted(id: id), at: 4)
    }
    #expect(order == ["A", "Z", "Y", "X", "P"])
    #expect(actions == [.order])
  }

  @Test func arrivalsBeginACycleAfterQuiet() {
    var scheduler = Self.trained()
    for (index, id) in ["A", "B", "C"].enumerated() {
      _ = scheduler.handle(.arrived(id: id), at: Double(index))
    }
    #expect(scheduler.nextWake(after: 2) == 12)
    #expect(scheduler.handle(.tick, at: 11) == [])
    #expect(scheduler.handle(.tick, at: 12).contains(.beginCycle(.arrivals)))
    #expect(scheduler.arrivals == 0)
  }

  /// Outside of the hours nothing is trained but what somebody asks for; drafts go on.
  @Test func trainingKeepsItsHours() {
    var scheduler = Self.trained()
    for id in ["A", "B", "C"] { _ = scheduler.handle(.arrived(id: id), at: 0) }
    _ = scheduler.handle(.window(isOpen: false), at: 1)
    #expect(scheduler.handle(.tick, at: 50).isEmpty && !scheduler.isInCycle)
    #expect(scheduler.handle(.drafted(id: "A"), at: 51) == [.draft(id: "B")])
    #expect(scheduler.handle(.window(isOpen: true), at: 52) == [.beginCycle(.arrivals), .resumeCycle])
    #expect(scheduler.handle(.window(isOpen: false), at: 53) == [.pauseTraining])
    _ = scheduler.handle(.trainingPaused, at: 54)
    #expect(!scheduler.handle(.tick, at: 1e5).contains(.resumeCycle))
    #expect(scheduler.handle(.window(isOpen: true), at: 1e5 + 1).contains(.resumeCycle))

    var asked = Self.trained()
    _ = asked.handle(.window(isOpen: false), at: 1)
    #expect(asked.handle(.trainNow, at: 2) == [.beginCycle(.command), .resumeCycle])
    #expect(!asked.handle(.window(isOpen: false), at: 3).contains(.pauseTraining))
  }

  @Test func noCycleBeginsWhileFilesAreTaken() {
    var scheduler = Self.trained()
    for id in ["A", "B", "C"] { _ = scheduler.handle(.arrived(id: id), at: 0) }
    _ = scheduler.handle(.intake(isBusy: true), at: 0)
    #expect(!scheduler.handle(.tick, at: 50).contains(.beginCycle(.arrivals)))
    #expect(scheduler.handle(.intake(isBusy: false), at: 50).contains(.beginCycle(.arrivals)))
  }

  /// The next file may be its brain mask; but a copy that never ends keeps nobody waiting.
  @Test func theFirstDraftOfAScanWaitsForTheFilesThatAreBeingTaken() {
    var scheduler = Self.trained()
    _ = scheduler.handle(.intake(isBusy: true), at: 0)
    #expect(scheduler.handle(.arrived(id: "A"), at: 1) == [])
    #expect(scheduler.nextWake(after: 1) == 20)
    #expect(scheduler.handle(.intake(isBusy: false), at: 2) == [.draft(id: "A")])
    _ = scheduler.handle(.drafted(id: "A"), at: 3)
    _ = scheduler.handle(.orderEnded, at: 3)
    _ = scheduler.handle(.intake(isBusy: true), at: 4)
    #expect(scheduler.handle(.arrived(id: "B"), at: 5) == [])
    #expect(scheduler.handle(.tick, at: 24).contains(.draft(id: "B")))
  }

  @Test func tenCorrectionsMakeOneCycle() {
    var scheduler = Self.trained()
    var begun = 0
    for index in 0..<10 {
      let time = Double(index) * 60
      begun += scheduler.handle(.expertLabel, at: time).count
    }
    #expect(begun == 0)
    #expect(scheduler.nextWake(after: 540) == 640)
    #expect(scheduler.handle(.tick, at: 640) == [.beginCycle(.expertLabels), .resumeCycle])
    #expect(scheduler.handle(.cycleEnded, at: 700) == [])
    #expect(scheduler.nextWake(after: 700) == nil)
  }

  @Test func theLongestWaitBeginsACycleAlsoOverARestart() {
    var scheduler = Self.trained()
    _ = scheduler.handle(.restored(arrivals: 1, oldestAge: 900, expertLabels: 0), at: 0)
    #expect(scheduler.nextWake(after: 0) == 100)
    #expect(scheduler.handle(.tick, at: 100).contains(.beginCycle(.maxWait)))
  }

  @Test func cyclesAreNotNestedAndLateArrivalsWait() {
    var scheduler = Self.trained()
    for id in ["A", "B", "C"] { _ = scheduler.handle(.arrived(id: id), at: 0) }
    _ = scheduler.handle(.tick, at: 10)
    for id in ["D", "E", "F"] { _ = scheduler.handle(.arrived(id: id), at: 20) }
    #expect(!scheduler.handle(.tick, at: 100).contains { if case .beginCycle = $0 { true } else { false } })
    #expect(scheduler.handle(.cycleEnded, at: 101).contains(.beginCycle(.arrivals)))
  }

  @Test func aCommandNeedsNeitherQuietNorArrivals() {
    var scheduler = Self.trained()
    _ = scheduler.handle(.intake(isBusy: true), at: 0)
    #expect(scheduler.handle(.trainNow, at: 1) == [.beginCycle(.command), .resumeCycle])
  }

  @Test func pausedTrainingGoesOnWhereItStopped() {
    var scheduler = Self.trained()
    _ = scheduler.handle(.trainNow, at: 0)
    #expect(scheduler.handle(.pause, at: 1) == [.pauseTraining])
    #expect(scheduler.handle(.trainingPaused, at: 2) == [])
    #expect(scheduler.handle(.resume, at: 3) == [.resumeCycle])
  }

  @Test func whatTheWorkerTookWithItIsDoneAgain() {
    var scheduler = Self.trained()
    _ = scheduler.handle(.trainNow, at: 0)
    #expect(scheduler.handle(.arrived(id: "A"), at: 1) == [.draft(id: "A")])
    #expect(scheduler.handle(.workerDown, at: 2) == [.startWorker])
    #expect(scheduler.handle(.workerUp, at: 3) == [.resumeCycle, .draft(id: "A")])
  }

  @Test func aDraftThatIsOutdatedBeforeItIsDoneIsMadeAgain() {
    var scheduler = Self.trained()
    #expect(scheduler.handle(.arrived(id: "A"), at: 0) == [.draft(id: "A")])
    _ = scheduler.handle(.generation(2), at: 1)
    #expect(scheduler.handle(.outdated(id: "A", isInPool: true), at: 1) == [])
    #expect(scheduler.handle(.drafted(id: "A"), at: 2) == [.draft(id: "A")])
    #expect(scheduler.handle(.drafted(id: "A"), at: 3) == [.order])
  }

  @Test func aCaseThatWasTakenAwayIsNotDrafted() {
    var scheduler = Self.trained()
    _ = scheduler.handle(.arrived(id: "A"), at: 0)
    _ = scheduler.handle(.arrived(id: "B"), at: 0)
    _ = scheduler.handle(.left(id: "B"), at: 0)
    #expect(scheduler.handle(.drafted(id: "A"), at: 1) == [.order])
  }

  @Test func trainingThatFailedIsTriedAgainWhenTold() {
    var scheduler = Self.trained()
    _ = scheduler.handle(.trainNow, at: 0)
    #expect(scheduler.handle(.trainingFailed, at: 1) == [])
    #expect(scheduler.handle(.tick, at: 1e6) == [])
    #expect(scheduler.handle(.interruptedCycle, at: 1e6) == [.resumeCycle])
  }

  @Test func aFullDiskStopsTraining() {
    var scheduler = Self.trained()
    _ = scheduler.handle(.trainNow, at: 0)
    #expect(scheduler.handle(.room(false), at: 1) == [.pauseTraining])
    _ = scheduler.handle(.trainingPaused, at: 2)
    #expect(scheduler.handle(.room(true), at: 3) == [.resumeCycle])
  }

  @Test func aFullDiskStopsDraftsToo() {
    var scheduler = Self.trained()
    _ = scheduler.handle(.room(false), at: 0)
    #expect(scheduler.handle(.arrived(id: "A"), at: 1) == [])
    #expect(scheduler.handle(.room(true), at: 2) == [.draft(id: "A")])
  }

  @Test func withoutAModelNothingIsDraftedOrTrainedUntilThereIsOneAgain() {
    var scheduler = Self.trained()
    _ = scheduler.handle(.modelLost, at: 0)
    #expect(scheduler.handle(.arrived(id: "A"), at: 1) == [])
    #expect(scheduler.handle(.trainNow, at: 2) == [])
    #expect(scheduler.isIdle)
    #expect(scheduler.handle(.generation(1), at: 3).contains(.draft(id: "A")))
  }

  /// Whatever happens in whatever order: at most one draft, one cycle at a time, nothing is sent to a worker that is
  /// down, and every scan that stays gets its draft in the end.
  @Test(arguments: 0..<40) func nothingIsLostNorDoneTwice(seed: Int) {
    var random = Numbers(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
    var scheduler = Self.trained()
    var isUp = true
    var drafting: String?
    var ordering = false
    var inCycle = false
    var wanted: Set<String> = []
    var time = 0.0

    func take(_ actions: [Scheduler.Action]) {
      for action in actions {
        switch action {
        case .draft(let id):
          #expect(isUp && drafting == nil)
          drafting = id
        case .order:
          #expect(isUp && !ordering)
          ordering = true
        case .beginCycle:
          #expect(!inCycle)
          inCycle = true
        case .resumeCycle: #expect(isUp && inCycle)
        case .startWorker: #expect(!isUp)
        case .pauseTraining: #expect(inCycle)
        }
      }
    }
    func step(_ choice: Int) {
      time += Double(random.next() % 20)
      switch choice {
      case 0, 1:
        let id = "C\(random.next() % 1000)"
        if wanted.insert(id).inserted { take(scheduler.handle(.arrived(id: id), at: time)) }
      case 2, 3:
        if let id = drafting {
          drafting = nil
          wanted.remove(id)
          take(scheduler.handle(.drafted(id: id), at: time))
        }
      case 4:
        if isUp {
          isUp = false
          drafting = nil
          ordering = false
          take(scheduler.handle(.workerDown, at: time))
        } else {
          isUp = true
          take(scheduler.handle(.workerUp, at: time))
        }
      case 5:
        if ordering {
          ordering = false
          take(scheduler.handle(.ordered([]), at: time))
          take(scheduler.handle(.orderEnded, at: time))
        }
      case 6:
        if inCycle {
          inCycle = false
          take(scheduler.handle(.cycleEnded, at: time))
        }
      case 7: take(scheduler.handle(.expertLabel, at: time))
      default: take(scheduler.handle(.tick, at: time))
      }
    }
    for _ in 0..<400 { step(Int(random.next() % 9)) }
    if !isUp { step(4) }
    for _ in 0..<600 {
      step(5)
      step(2)
    }
    #expect(wanted.isEmpty)
  }
}

/// xorshift64: numbers that are the same in every run.
private struct Numbers {
  var state: UInt64
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
