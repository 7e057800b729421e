/** Calls that keep what they are given, whatever they belong to. */

/** A value that is handed to them by name lives on. */
export const keepingCalls =
  /^(push|push_back|insert|append|Store|Add|add|register|Register|spawn|send|Arc|new|Go|store|with_state|app_data|manage)$/;

/** What is handed to them in a loop is there as often as the loop runs. */
export const collectingCalls =
  /^(append|push|push_back|insert|Put|PushBack|Push|Add|Store|send|try_send|put|add|release|give)$/;
