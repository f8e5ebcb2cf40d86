/// Generated cases: dtype, sizes, looks and choices that each law reads in its own way; one generator, one shrinker.
module Functional.Laws.Contract.Cases

open Expecto
open FsCheck
open FsCheck.FSharp
open Functional.Contract
open Functional.Laws.Contract.Samples

type Case =
    {
        Dtype: Dtype
        Sizes: int list
        Looks: Look list
        /// Which of several variants; laws take them modulo what there is.
        Choices: int list
    }

    member this.Shape = List.toArray this.Sizes
    /// One of several, by the i-th choice.
    member this.Choose(i, variants: 'T list) = variants[this.Choices[i] % variants.Length]

/// What a law wants drawn.
type Wanted =
    {
        Dtypes: Dtype list
        Values: Values list
        /// Fewest and most sizes.
        Rank: int * int
        Looks: int
        Choices: int
        /// About how many elements at most all sizes may span.
        Elements: int
    }

let realDtypes = Dtype.all |> Array.filter (Dtype.isComplex >> not) |> Array.toList
let floatingDtypes = realDtypes |> List.filter Dtype.isFloating
let numericDtypes = realDtypes |> List.except [ Bool ]

let wanted =
    { Dtypes = realDtypes
      Values = [ Small; Tame; Spiced ]
      Rank = 0, 4
      Looks = 1
      Choices = 3
      Elements = 600 }

let private size =
    Gen.frequency
        [ 1, Gen.constant 0
          3, Gen.constant 1
          10, Gen.choose (2, 5)
          4, Gen.choose (6, 40)
          1, Gen.choose (41, 200) ]

/// Cuts the largest sizes down until the shape has at most so many elements.
let rec private within elements (sizes: int list) =
    if sizes |> List.fold (fun n s -> n * int64 (max 1 s)) 1L <= int64 elements then
        sizes
    else
        let largest = List.max sizes
        sizes |> List.map (fun s -> if s = largest then s / 2 else s) |> within elements

let private layout =
    Gen.frequency [ 6, Gen.constant Dense; 1, Gen.constant Stepped; 1, Gen.constant Reversed; 1, Gen.constant Repeated ]

let look values : Gen<Look> = gen {
    let! values = Gen.elements values
    let! layouts = Gen.oneof [ Gen.constant []; Gen.listOfLength 5 layout ]
    let! turn = Gen.frequency [ 2, Gen.constant 0; 1, Gen.choose (1, 50) ]
    let! lead = Gen.frequency [ 2, Gen.constant 0; 1, Gen.choose (1, 7) ]
    let! seed = Gen.choose (1, 1000000)

    return { Values = values; Layouts = layouts; Turn = turn; Lead = lead; Seed = seed }
}

let cases wanted : Gen<Case> = gen {
    let! dtype = Gen.elements wanted.Dtypes
    let! rank = Gen.choose wanted.Rank
    let! sizes = Gen.listOfLength rank size
    let! looks = Gen.listOfLength wanted.Looks (look wanted.Values)
    let! choices = Gen.listOfLength wanted.Choices (Gen.choose (0, 1000))

    return { Dtype = dtype; Sizes = within wanted.Elements sizes; Looks = looks; Choices = choices }
}

/// The list with one element replaced by each of its smaller forms.
let private eachSmaller (smaller: 'T -> 'T seq) (items: 'T list) = seq {
    for i in 0 .. items.Length - 1 do
        for less in smaller items[i] do
            List.updateAt i less items
}

let private smallerSize size = Seq.distinct [ 0; 1; size / 2; size - 1 ] |> Seq.filter (fun s -> s >= 0 && s < size)

let smallerLook (look: Look) = seq {
    if look.Turn <> 0 then
        { look with Turn = 0 }

    if look.Lead <> 0 then
        { look with Lead = 0 }

    if not look.Layouts.IsEmpty then
        { look with Layouts = [] }

        for layouts in eachSmaller (fun l -> if l = Dense then Seq.empty else Seq.singleton Dense) look.Layouts do
            { look with Layouts = layouts }
}

let smaller wanted (case: Case) = seq {
    if case.Sizes.Length > fst wanted.Rank then
        for i in 0 .. case.Sizes.Length - 1 do
            { case with Sizes = List.removeAt i case.Sizes }

    for sizes in eachSmaller smallerSize case.Sizes do
        { case with Sizes = sizes }

    for looks in eachSmaller smallerLook case.Looks do
        { case with Looks = looks }
}

let private config = { FsCheckConfig.defaultConfig with maxTest = 150; endSize = 50 }

/// A property of everything that a generator draws. A failure prints the seed and the shrunk case.
let forEach times name generate shrink (check: 'T -> unit) =
    testPropertyWithConfig
        { config with maxTest = times * Functional.Laws.Choices.times }
        name
        (Prop.forAll (Arb.fromGenShrink (generate, shrink)) check)

/// A law of cases.
let law name wanted (check: Case -> unit) = forEach config.maxTest name (cases wanted) (smaller wanted) check
