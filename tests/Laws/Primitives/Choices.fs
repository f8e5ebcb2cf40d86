/// Generated data as lists of choices, so that everything shrinks in one way: to fewer and smaller choices.
module Functional.Laws.Choices

open Expecto
open FsCheck
open FsCheck.FSharp

let private resolution = 1 <<< 20

/// A list of choices being used up. When it has run out every choice is the first, which should be the simplest.
type Choices(items: int[]) =
    let mutable next = 0

    /// 0 .. count - 1; a smaller choice gives a smaller number.
    member _.Below(count: int) =
        let choice = if next < items.Length then items[next] else 0
        next <- next + 1
        int (int64 choice * int64 count / int64 resolution)

    /// One of the items, the first being the simplest.
    member this.Pick(items: 'T list) = items[this.Below items.Length]

    /// low .. high
    member this.Between low high = low + this.Below(high - low + 1)

    member this.Flip() = this.Below 2 = 1

    /// The items in any order; their own is the simplest.
    member this.Shuffle(items: 'T list) : 'T list =
        match items with
        | [] -> []
        | _ ->
            let i = this.Below items.Length
            items[i] :: this.Shuffle(List.removeAt i items)

    /// A source of many numbers that one choice determines.
    member this.Seeded() = System.Random(this.Below resolution)

/// What a generator made of a list of choices. Prints as the former.
[<StructuredFormatDisplay("{Value}")>]
type Drawn<'T> = { Value: 'T; From: int[] }

let private smaller (choices: int[]) = seq {
    let mutable size = choices.Length

    while size > 0 do
        for start in 0..size .. choices.Length - size do
            Array.removeManyAt start size choices

        size <- size / 2

    for i in 0 .. choices.Length - 1 do
        if choices[i] > 0 then
            Array.updateAt i 0 choices
            Array.updateAt i (choices[i] / 2) choices
            Array.updateAt i (choices[i] - choices[i] / 8) choices
}

let private arbitrary (make: Choices -> 'T) =
    let draw choices = { Value = make (Choices choices); From = choices }
    let choices = Gen.choose (0, resolution - 1) |> Gen.arrayOfLength 60 |> Gen.map draw
    Arb.fromGenShrink (choices, (fun drawn -> smaller drawn.From |> Seq.map draw))

let private (|Parsed|_|) (text: string | null) =
    match System.Int32.TryParse text with
    | true, n -> Some n
    | _ -> None

/// How many times the usual number of cases each law draws: 1, or what FUNCTIONAL_CASES says, for a night of looking.
let times =
    match System.Environment.GetEnvironmentVariable "FUNCTIONAL_CASES" with
    | Parsed n when n > 0 -> n
    | _ -> 1

/// A property of whatever a generator makes of `count` lists of choices.
let forAll name count (make: Choices -> 'T) (law: 'T -> unit) =
    let config = { FsCheckConfig.defaultConfig with maxTest = count * times }
    testPropertyWithConfig config name (Prop.forAll (arbitrary make) (fun drawn -> law drawn.Value))

/// Tests of which each is skipped, with a line, unless what they need is there.
let rec skippedUnless (reason: string) (isThere: unit -> bool) (test: Test) : Test =
    let inside = skippedUnless reason isThere

    let need () =
        if not (isThere ()) then
            skiptest reason

    match test with
    | TestList(tests, focus) -> TestList(List.map inside tests, focus)
    | TestLabel(label, test, focus) -> TestLabel(label, inside test, focus)
    | Test.Sequenced(how, test) -> Test.Sequenced(how, inside test)
    | TestCase(Sync run, focus) ->
        let run () =
            need ()
            run ()

        TestCase(Sync run, focus)
    | TestCase(AsyncFsCheck(config, stress, run), focus) ->
        let run config = async {
            need ()
            do! run config
        }

        TestCase(AsyncFsCheck(config, stress, run), focus)
    | other -> other
