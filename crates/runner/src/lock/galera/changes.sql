SHOW SESSION STATUS
WHERE Variable_name IN (
    'Com_call_procedure', 'Com_delete', 'Com_delete_multi', 'Com_insert', 'Com_insert_select', 'Com_load', 'Com_replace',
    'Com_replace_select', 'Com_truncate', 'Com_update', 'Com_update_multi'
)
