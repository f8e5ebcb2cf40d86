/// Every row of the handbook about networks, first values, optimizers and data has a value in F#: one that is built, applied and compared
/// by a check, or a function or field that is found by its name.
module Functional.Laws.Counterparts.HandbookCounterparts

open System
open System.IO
open System.Reflection
open Expecto
open Functional
open Functional.Laws
open Functional.Laws.Beside
open Functional.Laws.Handbook
open Functional.Laws.Counterparts.HandbookPlaces

let private isSubject (section: string) =
    section.StartsWith("nn/", StringComparison.Ordinal)
    || List.contains section [ "nn.init"; "optim"; "utils.data" ]

/// PyTorch's name without its roots.
let private plain (name: string) =
    let without (root: string) (name: string) = if name.StartsWith root then name.Substring root.Length else name
    name |> without "torch." |> without "nn."

/// What checks build, apply and compare.
/// Only when asked for: the facade records outside of transforms once a module of its was made, and other laws run without that.
let private checked' =
    lazy
        (let modules = [ for _, _, make, _ in LayerPairs.pairs -> (make ()).GetType().Name ]

         let checks =
             [ LayerChecks.checks
               LossChecks.checks
               NetworkChecks.checks
               InitialTests.checks
               PyTorchNumbers.checks
               LoaderTests.checks ]

         [ yield! modules
           for check in List.concat checks do
               yield! check.Of.Split ' ' ]
         |> List.map plain
         |> Set.ofList)

let private everything = BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.Instance

/// The types and modules of this name: several modules may add to one.
let private holders =
    [ for assembly in [ typeof<Tensor>.Assembly; typeof<Contract.Dtype>.Assembly ] do
          for t in assembly.GetExportedTypes() do
              let name = t.Name.Split('`')[0]
              name, t

              if name.EndsWith "Module" then
                  name.Substring(0, name.Length - 6), t ]
    |> List.groupBy fst
    |> List.map (fun (name, found) -> name, List.map snd found)
    |> Map.ofList

/// Whether there is such a place: Holder.Member, or Holder.function(parameter).
let private exists (place: string) =
    let place, parameter =
        match place.IndexOf '(' with
        | -1 -> place, None
        | bracket -> place.Substring(0, bracket), Some(place.Substring(bracket + 1).TrimEnd ')')

    let parts = place.Split '.'

    [ for holder in holders |> Map.tryFind parts[0] |> Option.defaultValue [] do
          yield! holder.GetMember(parts[1], everything) |> Seq.cast<MemberInfo> ]
    |> List.exists (fun found ->
        match parameter, found with
        | None, _ -> true
        | Some name, (:? MethodInfo as m) -> m.GetParameters() |> Array.exists (fun p -> p.Name = name)
        | _ -> false)

let private rows =
    lazy
        (let path = Path.GetFullPath(Path.Combine(Repository.root, "..", "shared", "handbook.csv"))

         if File.Exists path then
             Table.read path |> List.filter (fun row -> isSubject row.Section)
         else
             [])

/// The names of a row: of what it is about, and with an argument that of the first one that has it.
let private names (row: Table.Row) =
    match Table.target row with
    | apis, None -> apis |> List.map plain
    | apis, Some argument -> [ plain apis.Head + ":" + argument ]

let private has name = checked'.Value.Contains name || found.ContainsKey name || needless.ContainsKey name

let tests =
    testSequenced
    <| testList
        "Handbook in F#"
        [ test "every row about networks, optimizers and data has a value in F#" {
              if rows.Value.IsEmpty then
                  skiptest "no handbook beside the checkout"

              Expect.isGreaterThan rows.Value.Length 280 "rows"

              let missing =
                  [ for row in rows.Value do
                        for name in names row do
                            if not (has name) then
                                $"{row.Id} {name}" ]

              Expect.equal missing [] "rows without a value in F#"
          }
          test "the places in F# exist" {
              let lost = found |> Map.toList |> List.filter (fun (_, places) -> not (List.forall exists places))
              Expect.equal lost [] "places that are not there"
              Expect.isFalse (exists "Nn.linear(nothing)") "a parameter that is not there"
              Expect.isFalse (exists "Nn.nothing") "a function that is not there"
          }
          test "nothing is listed without a row" {
              if rows.Value.IsEmpty then
                  skiptest "no handbook beside the checkout"

              let known = rows.Value |> List.collect names |> Set.ofList
              let listed = Set.union (Map.keys found |> Set.ofSeq) (Map.keys needless |> Set.ofSeq)
              Expect.equal (Set.difference listed known |> Set.toList) [] "names that no row has"

              Expect.equal (Set.intersect listed checked'.Value |> Set.toList) [] "names that a check builds need not be listed"
          } ]
