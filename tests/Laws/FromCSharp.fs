/// The C# tests as Expecto tests: every public static method without parameters of every public static class.
module Functional.Laws.FromCSharp

open System
open System.Reflection
open System.Runtime.ExceptionServices
open System.Threading.Tasks
open Expecto

let private call (method: MethodInfo) () =
    try
        match method.Invoke(null, [||]) with
        | :? Task as running -> running.GetAwaiter().GetResult()
        | _ -> ()
    with :? TargetInvocationException as wrapped ->
        match wrapped.InnerException with
        | null -> reraise ()
        | :? Functional.Torch.Tests.SkipException as skipped -> skiptest skipped.Message
        | inner -> ExceptionDispatchInfo.Capture(inner).Throw()

let private isTest (method: MethodInfo) =
    method.GetParameters().Length = 0
    && not method.IsSpecialName
    && not method.IsGenericMethodDefinition
    && (method.ReturnType = typeof<Void> || typeof<Task>.IsAssignableFrom method.ReturnType)

let private methods (holder: Type) =
    holder.GetMethods(BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly)
    |> Array.filter isTest
    |> Array.toList

/// All tests of an assembly, one list for each class.
let ofAssembly (assembly: Assembly) =
    [ for holder in assembly.GetExportedTypes() |> Array.sortBy (fun t -> t.Name) do
          if holder.IsAbstract && holder.IsSealed then
              match methods holder with
              | [] -> ()
              | tests -> testList holder.Name [ for test in tests -> testCase test.Name (call test) ] ]

/// The tests that C# users' code makes of the facade. One after the other: the default generator belongs to the process.
let tests = testSequenced (testList "CSharp" (ofAssembly typeof<Functional.Torch.Tests.CheckException>.Assembly))
