/// F# users reach everything that C# users reach: every operation of the facade has a counterpart in F#, found by its name.
module Functional.Laws.Counterparts.CounterpartTests

open System
open System.Reflection
open System.Text.RegularExpressions
open Expecto
open Functional
open Functional.Torch
open Functional.Laws.Counterparts

let private declared =
    BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.Instance ||| BindingFlags.DeclaredOnly

let private holders =
    [ typeof<torch>
      typeof<torch.nn.functional>
      typeof<torch.linalg>
      typeof<torch.fft>
      typeof<torch.special>
      typeof<torch.Tensor> ]

/// In-place forms end with one underscore, and .NET's own members are nobody's operation.
let private isOperation (m: MethodInfo) =
    not m.IsSpecialName
    && not (m.Name.EndsWith '_' && not (m.Name.EndsWith "__"))
    && m.GetBaseDefinition().DeclaringType <> typeof<obj>

/// Texts among the arguments of an attribute: the last names that it gives besides its own.
let private texts (argument: CustomAttributeTypedArgument) =
    match argument.Value with
    | :? (System.Collections.Generic.IEnumerable<CustomAttributeTypedArgument>) as items ->
        [ for item in items -> (string item.Value).Split('.') |> Array.last ]
    | _ -> []

/// Other names by the name of the operation that has them, as the facade describes itself.
let private aliases =
    [ for holder in holders do
          for m in holder.GetMethods(declared ||| BindingFlags.NonPublic) do
              for a in m.GetCustomAttributesData() do
                  if a.AttributeType.Name = "FormsAttribute" then
                      for also in texts a.ConstructorArguments[1] -> also, m.Name

          for a in holder.GetCustomAttributesData() do
              if a.AttributeType.Name = "RowAttribute" then
                  let own =
                      a.NamedArguments
                      |> Seq.tryFind (fun n -> n.MemberName = "Name")
                      |> Option.map (fun n -> string n.TypedValue.Value)
                      |> Option.defaultValue (string a.ConstructorArguments[2].Value)

                  for also in texts a.ConstructorArguments[5] -> also, own ]
    |> List.filter (fun (also, own) -> also <> own)
    |> Map.ofList

/// Public functions and values of F# modules: the module's own name, without the one that opens it, and the function's.
let private functions =
    [ for t in
          Seq.append
              (typeof<Functional.Tensor>.Assembly.GetExportedTypes())
              (typeof<Functional.Contract.Dtype>.Assembly.GetExportedTypes()) do
          if t.IsAbstract && t.IsSealed then
              let holder = t.Name.Replace("Module", "")

              for m in t.GetMembers(BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly) do
                  holder, m.Name ]
    |> Set.ofList

/// Where users look.
let private fronts = set [ "Tensor"; "Ops"; "Linalg"; "Fft"; "Special" ]
let private plain (name: string) = name.Replace("_", "").ToLowerInvariant()
let private known = functions |> Set.filter (fun (holder, _) -> fronts.Contains holder) |> Set.map (snd >> plain)
let private words (text: string) = text.Split ' ' |> List.ofArray

let private renamed =
    Elsewhere.renamed |> List.collect (fun (target, names) -> [ for n in words names -> n, target ]) |> Map.ofList

let private needless = Elsewhere.needless |> List.collect (snd >> words) |> Set.ofList

/// A name and what it comes to: a copy of a view is the view, what is unsafe or native in PyTorch is the operation itself, and one,
/// two and three dimensions are one function.
let private spellings (name: string) =
    [ let own = aliases |> Map.tryFind name |> Option.defaultValue name

      for n in List.distinct [ name; own ] do
          n
          Regex.Replace(n, "_copy$", "")
          Regex.Replace(n, "^(unsafe|native)_", "")
          Regex.Replace(n, @"(?<=[a-z_])[123]d(?=_|$)", "") ]

let private has name =
    needless.Contains name
    || spellings name |> List.exists (fun n -> known.Contains(plain n) || renamed.ContainsKey n)

let private operations =
    [ for holder in holders do
          for m in holder.GetMethods declared do
              if isOperation m then
                  m.Name ]
    |> List.distinct
    |> List.sort

let tests =
    testList
        "Counterparts"
        [ test "every operation of the facade has a counterpart in F#" {
              Expect.isGreaterThan operations.Length 700 "operations"
              Expect.equal (operations |> List.filter (has >> not)) [] "operations without a counterpart"
          }
          test "names that differ in F# exist" {
              for target, _ in Elsewhere.renamed do
                  let parts = target.Split '.'
                  Expect.isTrue (functions.Contains((parts[0], parts[1]))) target
          }
          test "no name is listed without need" {
              let listed = Set.union needless (renamed |> Map.toSeq |> Seq.map fst |> Set.ofSeq)

              for name in listed do
                  Expect.contains operations name "listed, but not in the facade"

                  Expect.isFalse (known.Contains(plain name)) $"{name} has a counterpart of its own name"
          } ]
